import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite, siteFolder } from '../../scripts/site.ts';
import { launchBrowser } from '../support/browser.ts';
import { plainText } from '../support/plain-text.ts';
import { serveStatic, type StaticServer } from '../support/static-server.ts';
import { describeWith } from '../support/tools.ts';

describeWith(['chromium'], 'the first tutorial in the built page', () => {
  let server: StaticServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await buildSite(() => undefined);
    server = await serveStatic(siteFolder);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(90_000);
    await page.goto(`${server.url}#/tutorials/first-container`);
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
    await page.evaluate(`window.drydock.on('terminal', (text) => (window.received += text))`);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** What the terminal received since it was last cleared, without the sequences that colour it and mark its prompts. */
  const received = async (): Promise<string> => {
    const text: string = await page.evaluate('window.received');
    return plainText(text);
  };
  const status = (): Promise<string | null> => page.locator('footer [role="status"]').textContent();
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

  /** Presses the run buttons of the step one after the other, each when a shell waits. */
  async function runAll(): Promise<void> {
    const buttons = button(/^Run .* in the terminal$/);
    for (let index = 0; index < (await buttons.count()); index++) {
      await page.evaluate(`window.received = ''`);
      await buttons.nth(index).click();
      await expect.poll(received).toMatch(/\n[^\n]*# $/);
    }
  }

  test('is done by its run buttons and one answer; a wrong answer is refused', async () => {
    for (let step = 1; step <= 7; step++) {
      await runAll();
      if (step === 7) {
        await page.getByLabel('The id of web').fill('zzzz');
        await button('Check').click();
        await expect.poll(status).toContain('zzzz is not');
        const id: string = await page.evaluate(
          `window.drydock.exec('docker ps -q --filter name=web').then(({ stdout }) => stdout.slice(0, 6))`,
        );
        await page.getByLabel('The id of web').fill(id);
        await button('Check').click();
      }
      await button(/^(Next step|Finish)$/).click();
    }
    await page.getByText('You have done all 7 steps.').waitFor();
    await page.getByText('the id always works').waitFor();
  });

  test('starts over with an empty machine', async () => {
    await button('Start the tutorial over').click();
    await button('Start over').click();
    await page.locator('nav .active').waitFor();
    expect(await page.locator('#step-title').textContent()).toBe('Say hello');
    expect(await page.evaluate(`window.drydock.exec('docker ps -aq').then(({ stdout }) => stdout)`)).toBe('');
  });

  test('shows a step, stops at a key, and counts it as shown', async () => {
    await button('Show me').click();
    await button('Stop showing').waitFor();
    await page.keyboard.press('x');
    await button('Show me').waitFor();
    await page.evaluate(`window.drydock.type('\\x03')`);
    await button('Show me').click();
    await button('Try it yourself').waitFor();
    expect(await status()).toContain('Shown');
    await button('Next step').click();
    await page.getByRole('button', { name: '1. Say hello: shown to you' }).waitFor();
  });

  test('never types into what somebody else is writing or running', async () => {
    const ran = (): Promise<string> =>
      page.evaluate(`window.drydock.exec('docker ps -aq --filter ancestor=hello-world | wc -l').then(({ stdout }) => stdout.trim())`);
    const before = Number(await ran());
    await page.evaluate(`window.received = ''`);
    await page.evaluate(`window.drydock.type('rm -rf /precious')`);
    await expect.poll(received).toContain('/precious');
    await button('Run docker run hello-world in the terminal').click();
    await page.getByText('There is something on the line of Terminal 1.').waitFor();
    await button('Cancel').click();
    expect(Number(await ran())).toBe(before);
    await button('Run docker run hello-world in the terminal').click();
    await button('Clear the line and go on').click();
    await expect.poll(ran).toBe(String(before + 1));
    await expect.poll(received).toMatch(/\n[^\n]*# $/);

    await page.evaluate(`window.drydock.type('sleep 1000\\r')`);
    await button('Show me').click();
    await page.getByText('A program runs in Terminal 1.').waitFor();
    await button('Use a new terminal').click();
    await button('Try it yourself').waitFor();
    expect(await page.evaluate(`window.drydock.exec('pidof sleep | wc -w').then(({ stdout }) => stdout.trim())`)).toBe('1');
  });
});
