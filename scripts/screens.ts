/**
 * `npm run screens [-- FOLDER]`: builds the page and takes its screens, light and dark, at three widths, on the real guest, to be looked at. FOLDER
 * (a new one under the system's temporary folder when none is named) should lie outside of the repository. `--no-build` takes dist/ as it is.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { serveStatic, type StaticServer } from '../test/support/static-server.ts';
import { buildSite, siteFolder } from './site.ts';

const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

const { values, positionals } = parseArgs({
  options: { build: { type: 'boolean', default: true } },
  allowNegative: true,
  allowPositionals: true,
});
const folder = resolve(positionals[0] ?? (await mkdtemp(join(tmpdir(), 'drydock-screens-'))));

/** The page has been as it is for a second. */
async function settle(page: Page): Promise<void> {
  let before = '';
  for (let still = 0; still < 4; still += 1) {
    await page.waitForTimeout(250);
    const now = await page.locator('#app').innerText();
    if (now !== before) still = 0;
    before = now;
  }
}

async function takeAll(page: Page, name: string): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  for (const size of sizes) {
    await page.setViewportSize(size);
    // A phone's screen is touched: the row of keys is there.
    await browser.send('Emulation.setTouchEmulationEnabled', { enabled: size.width < 600 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
  await browser.send('Emulation.setTouchEmulationEnabled', { enabled: false });
  await page.setViewportSize(sizes[0]);
  console.log(name);
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: sizes[0] });
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (error) => console.error(error));
  await page.goto(url);
  return page;
}

const ready = (page: Page): Promise<unknown> => page.waitForFunction('window.drydock').then(() => page.evaluate('window.drydock.ready'));
const type = (page: Page, line: string): Promise<unknown> => page.evaluate(`window.drydock.type(${JSON.stringify(`${line}\r`)})`);

/** What is seen before there is a machine. */
async function takeBeginnings(browser: Browser, { url }: StaticServer): Promise<void> {
  for (const [name, answer] of [
    ['boot', null],
    ['failure', 404],
  ] as const) {
    const page = await browser.newPage({ viewport: sizes[0] });
    await page.route(/\/guest\/state/, (route) => (answer === null ? undefined : route.fulfill({ status: answer })));
    await page.goto(`${url}#/tutorials/first-container`);
    await page.getByText(answer === null ? 'Loading the machine’s start state' : 'What happened').waitFor();
    await takeAll(page, name);
    await page.close();
  }
}

/** A learner's way through the first tutorial: the first step by hand, the others shown, the last one answered. */
async function takeTutorial(page: Page): Promise<void> {
  await page.locator('#step-title').waitFor();
  await settle(page);
  await takeAll(page, 'tutorial');
  await type(page, 'docker run hello-world');
  await page.getByRole('button', { name: 'Next step' }).waitFor();
  await settle(page);
  await takeAll(page, 'step-finished');
  for (;;) {
    await page.getByRole('button', { name: /^(Next step|Finish)$/ }).click();
    if ((await page.getByText('What you take along:').count()) > 0) break;
    await page.getByRole('button', { name: 'Show me', exact: true }).click();
    await page.getByRole('button', { name: /^(Next step|Finish)$/ }).waitFor();
  }
  await settle(page);
  await page.locator('.finished').evaluate((section) => section.scrollIntoView());
  await takeAll(page, 'tutorial-finished');
}

async function takeOutput(page: Page): Promise<void> {
  for (const line of [
    'docker images',
    'docker ps -a',
    'docker info',
    'docker run -d --name db busybox sleep 1000',
    'docker inspect db',
    'docker ps',
  ]) {
    await type(page, line);
    await settle(page);
  }
  await takeAll(page, 'terminal-full');
}

await mkdir(folder, { recursive: true });
if (values.build) await buildSite((line) => console.log(line));
const server = await serveStatic(siteFolder);
const browser = await launchBrowser();
try {
  await takeBeginnings(browser, server);
  const page = await open(browser, server.url);
  await ready(page);
  await settle(page);
  await takeAll(page, 'welcome');
  await page.goto(`${server.url}#/tutorials/first-container`);
  await takeTutorial(page);
  await page.goto(`${server.url}#/playground`);
  await takeOutput(page);
} finally {
  await browser.close();
  await server.close();
}
console.log(`\n${folder}`);
