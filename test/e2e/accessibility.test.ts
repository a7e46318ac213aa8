import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/tools.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The page without a guest, for who has no mouse, sees little or nothing of it. */
describeWith(['chromium'], 'the page for everybody', () => {
  let server: ViteDevServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    server = await createServer({ mode: 'fake', logLevel: 'error', server: { host: '127.0.0.1', port: 0 } });
    await server.listen();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(90_000);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const address = (query: string, place: string): string => `${server.resolvedUrls?.local[0] ?? ''}${query}#${place}`;
  async function open(place: string, query = ''): Promise<void> {
    await page.goto(address(query, place));
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
  }
  /** What has the keyboard: its role or element, and its name. */
  const focused = (): Promise<string> =>
    page.evaluate(`(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return 'nothing';
      const name = at.getAttribute('aria-label') ?? at.textContent.trim().replace(/\\s+/g, ' ');
      return (at.getAttribute('role') ?? at.tagName.toLowerCase()) + ' ' + name;
    })()`);

  /** The last line of the terminal that is not empty. */
  const lastLine = (): Promise<string> =>
    page.evaluate(
      `[...document.querySelectorAll('[data-terminal-active] .xterm-rows > div')].map((row) => row.textContent.replaceAll('\u00a0', ' ')).findLast((line) => line.trim() !== '')`,
    );

  /** What axe finds that is serious or worse, by the rules of WCAG 2.2 A and AA. */
  async function violations(): Promise<string[]> {
    await page.addScriptTag({ path: axe });
    const { violations: found }: AxeResults = await page.evaluate(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
    );
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
  }

  describe.each(['light', 'dark'])('axe finds nothing serious in %s', (theme) => {
    test('at the front door, in the catalogue, in a tutorial, in the settings', async () => {
      await open('/', `?theme=${theme}`);
      expect(await violations()).toEqual([]);
      await page.getByRole('link', { name: 'Catalogue' }).click();
      await page.getByRole('heading', { name: 'Tutorials', exact: true }).waitFor();
      expect(await violations()).toEqual([]);
      await page.getByRole('link', { name: /^Your first container/ }).click();
      await page.getByRole('button', { name: 'Show me' }).waitFor();
      expect(await violations()).toEqual([]);
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await violations()).toEqual([]);
    });

    test('while it boots, where it fails, and with a notice', async () => {
      await page.goto(address(`?theme=${theme}&stop=fetch`, '/tutorials/first-container'));
      await page.getByRole('progressbar').waitFor();
      expect(await violations()).toEqual([]);
      await page.goto(address(`?theme=${theme}&fail=asset_missing&command=`, '/tutorials/first-container'));
      await page.getByRole('button', { name: 'Reload the page' }).waitFor();
      expect(await violations()).toEqual([]);
    });
  });

  test('Tab goes through everything in the order in which it is seen, up to the terminal', async () => {
    await open('/tutorials/first-container');
    await page.getByRole('button', { name: 'Show me' }).waitFor();
    await page.evaluate('document.activeElement.blur()');
    // From the terminal, where the keyboard was, once around by way of the browser's own controls.
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('nothing');
    const stops: string[] = [];
    while (stops.length < 60 && stops.at(-1)?.startsWith('textarea') !== true) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    const steps = stops.filter((stop) => /^button \d\. /.test(stop));
    expect(steps).toHaveLength(7);
    expect(stops.filter((stop) => !steps.includes(stop)).map((stop) => stop.replace(/\. Esc twice.*/, ''))).toEqual([
      'a Go to the terminal',
      'a Go to the tutorial',
      'a Drydock',
      'a Learn',
      'a Catalogue',
      'a Terminal',
      'button Hide the guide',
      'button Switch to dark',
      'button Settings',
      'button Start the tutorial over',
      'button Run docker run hello-world in the terminal',
      'button Show me',
      'separator Width of the guide',
      'tab Terminal 1',
      'button New terminal',
      'button Search in the terminal',
      'button Copy last output',
      'textarea Terminal 1',
    ]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('tab Terminal 1');
  });

  test('a button that goes when it is pressed leaves the keyboard to what goes on from there', async () => {
    await open('/tutorials/first-container');
    const press = async (name: string): Promise<void> => {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
    };
    await press('Show me');
    await expect.poll(focused).toBe('button Stop showing');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('button Show me');
    // A slow machine may have let it type something before it was stopped.
    await page.evaluate(`window.drydock.type('\\x15')`);
    await expect.poll(lastLine).toMatch(/# +$/);
    const run = 'Run docker run hello-world in the terminal';
    await press(run);
    expect(await focused()).toBe(`button ${run}`);
    await expect.poll(lastLine).toMatch(/# +$/);
    await page.evaluate(`window.drydock.type('rm -rf /precious')`);
    await expect.poll(lastLine).toMatch(/precious *$/);
    await press(run);
    await expect.poll(focused).toBe('button Clear the line and go on');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe(`button ${run}`);
    await press('Show me');
    await expect.poll(focused).toBe('button Clear the line and go on');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('button Stop showing');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('button Show me');
    await page.getByRole('button', { name: /^2\. / }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('h2 One image, many containers');
    await press('Back to the current step');
    await expect.poll(focused).toBe('h2 Say hello');
    await press('Copy last output');
    expect(await focused()).toBe('button Copy last output');
    await press('Switch to dark');
    await expect.poll(focused).toBe('button Switch to light');
    await press('Start the tutorial over');
    await expect.poll(focused).toBe('button Keep going');
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('button Start the tutorial over');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Start over', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('h2 Say hello');
    await press('Settings');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('button Settings');
    await press('Hide the guide');
    await expect.poll(focused).toBe('button Show the guide');
    await press('Search in the terminal');
    await expect.poll(focused).toBe('input Search in the terminal');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toMatch(/^textarea/);
    await press('New terminal');
    await expect.poll(focused).toMatch(/^textarea Terminal 2/);
  });
});
