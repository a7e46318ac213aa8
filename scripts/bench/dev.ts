import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/browser.ts';
import { startDevServer } from '../dev.ts';
import { median, round, type Figure } from './figure.ts';

const root = join(import.meta.dirname, '../..');
const edits = [
  {
    figure: 'npm run dev: an edit of prose until it is seen',
    path: 'tutorials/first-container/steps/10-hello.md',
    from: 'break anything.',
    to: (mark: string) => `break anything ${mark}.`,
    seen: (page: Page, mark: string) => page.getByText(`break anything ${mark}.`).waitFor(),
  },
  {
    figure: 'npm run dev: an edit of a component until it is seen',
    path: 'src/ui/workspace/ContainerStrip.svelte',
    from: `<p>{t('strip.none')}</p>`,
    to: (mark: string) => `<p>{t('strip.none')} ${mark}</p>`,
    seen: (page: Page, mark: string) => page.getByText(`No containers yet. ${mark}`).waitFor(),
  },
] as const;

/** Of five edits each, in Chromium over the real guest, from the end of the write until the page shows it. The files are as before afterwards. */
export async function* devFigures(): AsyncGenerator<Figure> {
  const server = await startDevServer(() => undefined, { host: '127.0.0.1', port: 0 });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.resolvedUrls?.local[0] ?? ''}#/tutorials/first-container`);
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
    for (const { figure, path, from, to, seen } of edits) {
      const file = join(root, path);
      const before = readFileSync(file, 'utf8');
      if (!before.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
      const milliseconds: number[] = [];
      try {
        for (const mark of ['one', 'two', 'three', 'four', 'five']) {
          writeFileSync(file, before.replace(from, to(mark)));
          const started = performance.now();
          await seen(page, mark);
          milliseconds.push(performance.now() - started);
        }
      } finally {
        writeFileSync(file, before);
      }
      yield { figure, value: round(median(milliseconds) / 1000), unit: 's', target: 1, longest: round(Math.max(...milliseconds) / 1000) };
    }
  } finally {
    await browser.close();
    await server.close();
  }
}
