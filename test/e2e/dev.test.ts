import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDevServer } from '../../scripts/dev.ts';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/tools.ts';

const root = resolve(import.meta.dirname, '../..');

/** Carries an edit of a file out and takes it back. */
async function whileEdited(path: string, edit: (text: string) => string, look: () => Promise<void>): Promise<void> {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  expect(edit(before)).not.toBe(before);
  try {
    writeFileSync(file, edit(before));
    await look();
  } finally {
    writeFileSync(file, before);
  }
}

describeWith(['chromium'], 'npm run dev', () => {
  let server: ViteDevServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startDevServer(() => undefined, { host: '127.0.0.1', port: 0 });
    browser = await launchBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    await page.goto(`${server.resolvedUrls?.local[0] ?? ''}#/tutorials/first-container`);
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
    await page.evaluate(`window.drydock.exec('echo kept > /run/mark')`);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  const mark = (): Promise<unknown> => page.evaluate(`window.drydock.exec('cat /run/mark').then(({ stdout }) => stdout)`);

  test('an edit of a step is seen, over the same guest', async () => {
    await whileEdited(
      'tutorials/first-container/steps/10-hello.md',
      (text) => text.replace('break anything.', 'break anything, so try it.'),
      () => page.getByText('break anything, so try it.').waitFor(),
    );
    await page.getByText('break anything.').waitFor();
    expect(await mark()).toBe('kept\n');
  });

  test('an edit of a component is seen, over the same guest', async () => {
    await whileEdited(
      'src/ui/workspace/ContainerStrip.svelte',
      (text) => text.replace(`<p>{t('strip.none')}</p>`, `<p>{t('strip.none')} Edited.</p>`),
      () => page.getByText('No containers yet. Edited.').waitFor(),
    );
    expect(await mark()).toBe('kept\n');
  });

  test('the check inspector shows each leaf of the step, what it read and when it changed', async () => {
    await page.getByText('Check inspector').click();
    const leaf = page.locator('[data-leaf="check.event"]');
    await leaf.getByText('missing').waitFor();
    await leaf.getByText('unchanged since the first look').waitFor();
    await page.evaluate(`window.drydock.type('docker run hello-world\\r')`);
    await leaf.getByText('holds').waitFor();
    await leaf.getByText(/last changed \d/).waitFor();
    await leaf.getByText(/facts read/).click();
    await leaf.getByRole('row', { name: /log\[#\d+\]\.action "die"/ }).waitFor();
    await page.getByRole('button', { name: /One image, many containers/ }).click();
    await page.getByText('“image-or-container” is not entered.').waitFor();
    expect(await page.locator('[data-leaf]').count()).toBeGreaterThan(1);
  });
});
