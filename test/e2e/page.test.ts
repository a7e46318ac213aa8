import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { describeWith } from '../support/tools.ts';

/** The page on the playground without a guest (src/ui/testing): what is the page's own doing, also at its failures. */
describeWith(['chromium'], 'the page', () => {
  let server: ViteDevServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

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
    complaints = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'] });
    context.setDefaultTimeout(90_000);
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
  });

  const address = (query = '', place = '/tutorials/first-container'): string => `${server.resolvedUrls?.local[0] ?? ''}${query}#${place}`;
  async function open(): Promise<void> {
    await page.goto(address());
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
  }
  const type = (text: string): Promise<unknown> => page.evaluate(`window.drydock.type(${JSON.stringify(text)})`);
  const screen = (): Promise<string> =>
    page.evaluate(`[...document.querySelectorAll('[data-terminal-active] .xterm-rows > div')].map((row) => row.textContent).join('\\n')`);
  const shows = (text: string | RegExp): Promise<void> => expect.poll(screen).toMatch(text);
  const focused = (): Promise<string> =>
    page.evaluate(`document.activeElement?.getAttribute('role') ?? document.activeElement?.className ?? ''`);
  const typing = (): Promise<unknown> => expect.poll(focused).toContain('xterm-helper-textarea');

  describe('the front door', () => {
    test('is the address without a place, while the machine boots beside it, and takes no focus away', async () => {
      await page.goto(address('', ''));
      await page.getByRole('heading', { name: 'A real Docker host, inside this tab.' }).waitFor();
      await page.getByRole('link', { name: 'Catalogue' }).focus();
      await page.evaluate('window.drydock.ready');
      await shows(/# +$/m);
      expect(await page.evaluate('document.activeElement?.textContent')).toBe('Catalogue');
    });

    test('leads to the tutorial, the terminal and the catalogue, each with an address, and back', async () => {
      await page.goto(address('', ''));
      await page.evaluate('window.drydock.ready');
      await page.getByRole('link', { name: /^Just the terminal/ }).click();
      await typing();
      expect(page.url()).toMatch(/#\/playground$/);
      expect(await page.locator('#guide').count()).toBe(0);
      await page.goBack();
      await page.getByRole('link', { name: /^All tutorials/ }).click();
      await page.getByRole('heading', { name: 'Tutorials', exact: true }).waitFor();
      await page.getByRole('link', { name: /^Your first container/ }).click();
      await page.getByRole('heading', { name: 'Say hello' }).waitFor();
      expect(page.url()).toMatch(/#\/tutorials\/first-container$/);
      expect(await page.evaluate('document.activeElement?.id')).toBe('step-title');
    });

    test('a tutorial that is not there leads to the catalogue', async () => {
      await page.goto(address('', '/tutorials/no-such'));
      await page.getByRole('heading', { name: 'Tutorials', exact: true }).waitFor();
      await page.getByText('There is no tutorial “no-such”.').waitFor();
      expect(page.url()).toMatch(/#\/tutorials$/);
    });

    test('an address names a tutorial and a step, a theme that is not kept, and a command that is typed and not run', async () => {
      const query = '?tutorial=first-container&step=look-inside&theme=dark&command=echo%20typed';
      await page.goto(address(query, '').replace(/#$/, ''));
      await page.getByRole('heading', { name: 'Look inside' }).waitFor();
      expect(page.url()).toMatch(/#\/tutorials\/first-container\/look-inside$/);
      await page.evaluate('window.drydock.ready');
      await shows(/# echo typed +$/m);
      expect(await screen()).not.toMatch(/^typed/m);
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
      await page.goto(address('', '/tutorials/first-container'));
      await page.getByRole('heading', { name: 'Say hello' }).waitFor();
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light');
    });

    test('what an address names wrongly is told, closed by keyboard, and stops nothing', async () => {
      await page.goto(address('?theme=blue&command=a%0Ab', '/tutorials/first-container/no-such'));
      await page.evaluate('window.drydock.ready');
      await shows(/# +$/m);
      for (const text of ['the theme “blue”', 'a command to be typed that is', 'no step “no-such”']) await page.getByText(text).waitFor();
      const close = page.getByRole('button', { name: 'Close this notice' });
      for (let left = 3; left > 0; left -= 1) {
        await close.first().focus();
        await page.keyboard.press('Enter');
        await expect.poll(() => close.count()).toBe(left - 1);
        expect(await page.evaluate('document.activeElement?.id')).toBe('step-title');
      }
      await page.evaluate(`location.hash = '#/nowhere'`);
      await page.getByRole('heading', { name: 'A real Docker host, inside this tab.' }).waitFor();
      await page.getByText('no place #/nowhere').waitFor();
      expect(complaints).toEqual([]);
    });

    test('the guide is as wide as the keyboard makes it, also after a reload and in another tab', async () => {
      await open();
      const width = async (): Promise<number> => Math.round((await page.locator('#guide').boundingBox())?.width ?? 0);
      const before = await width();
      const other = await context.newPage();
      await other.goto(address());
      await other.locator('#guide').waitFor();
      const handle = page.getByRole('separator', { name: 'Width of the guide' });
      await handle.press('ArrowRight');
      await handle.press('ArrowRight');
      expect(await width()).toBe(before + 48);
      await expect.poll(async () => Math.round((await other.locator('#guide').boundingBox())?.width ?? 0)).toBe(before + 48);
      await page.reload();
      await page.locator('#guide').waitFor();
      await expect.poll(width).toBe(before + 48);
    });
  });

  test('two workspaces stand in one page, and neither sees what is done in the other', async () => {
    await page.goto(`${server.resolvedUrls?.local[0] ?? ''}src/ui/testing/two-workspaces.html`);
    const [first, second] = [page.locator('[data-workspace=first]'), page.locator('[data-workspace=second]')];
    const rows = async (side: typeof first): Promise<string> =>
      (await side.locator('[data-terminal-active] .xterm-rows > div').allInnerTexts()).join('\n');
    for (const side of [first, second]) await expect.poll(() => rows(side)).toMatch(/drydock.*#/);
    await first.locator('[data-terminal-active] textarea').pressSequentially('echo only here\n');
    await expect.poll(() => rows(first)).toMatch(/\nonly here/);
    await second.getByRole('button', { name: 'New terminal' }).click();
    expect([await first.getByRole('tab').count(), await second.getByRole('tab').count()]).toEqual([1, 2]);
    await second.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => rows(second)).toMatch(/drydock.*#/);
    expect(await rows(first)).toMatch(/\nonly here/);
    expect(await rows(second)).not.toMatch(/only here/);
    const ids: string[] = await page.evaluate(`[...document.querySelectorAll('[id]')].map((element) => element.id)`);
    expect(ids.length).toBe(new Set(ids).size);
    expect(complaints).toEqual([]);
  });

  describe('by keyboard alone', () => {
    /** Esc twice within half a second: on a machine that is busy the two may lie further apart. */
    async function leave(): Promise<void> {
      await expect
        .poll(async () => {
          await page.evaluate(`(() => {
            const down = () => new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', keyCode: 27, bubbles: true, cancelable: true });
            for (const event of [down(), down()]) document.activeElement?.dispatchEvent(event);
          })()`);
          return focused();
        })
        .toBe('tab');
    }

    test('opens, renames, changes and closes terminals', async () => {
      await open();
      await leave();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: 'Terminal 2', selected: true }).waitFor();
      await shows(/# +$/m);
      await typing();
      await page.keyboard.type('echo second');
      await page.keyboard.press('Enter');
      await shows(/^second/m);
      await page.keyboard.press('Control+Alt+ArrowLeft');
      await page.getByRole('tab', { name: 'Terminal 1', selected: true }).waitFor();
      expect(await screen()).not.toContain('second');
      await typing();
      await leave();
      await page.keyboard.press('F2');
      await expect.poll(focused).toContain('name');
      await page.keyboard.type('logs');
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: 'logs', selected: true }).waitFor();
      await expect.poll(focused).toBe('tab');
      await page.keyboard.press('Delete');
      await page.getByRole('tab', { name: 'Terminal 2', selected: true }).waitFor();
      expect(await page.getByRole('tab').count()).toBe(1);
      expect(complaints).toEqual([]);
    });

    test('searches, and Escape goes back to the terminal', async () => {
      await open();
      await type('seq 40\r');
      await shows(/^40/m);
      await page.keyboard.press('Control+Shift+F');
      await page.getByRole('search').getByRole('textbox').pressSequentially('23');
      await page.getByText('1 of 1').waitFor();
      await page.keyboard.press('Escape');
      await typing();
      await page.keyboard.type('echo back');
      await page.keyboard.press('Enter');
      await shows(/^back/m);
    });

    test('copies a selection and pastes it', async () => {
      await open();
      await type('echo from-the-clipboard\r');
      await shows(/^from-the-clipboard/m);
      await page.evaluate(`navigator.clipboard.writeText('echo pasted')`);
      await page.keyboard.press('Control+Shift+V');
      await shows(/# echo pasted/);
      const row = await page.locator('[data-terminal-active] .xterm-rows > div').nth(1).boundingBox();
      await page.mouse.dblclick((row?.x ?? 0) + 30, (row?.y ?? 0) + 8);
      await page.keyboard.press('Control+Shift+C');
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toContain('from-the-clipboard');
      expect(complaints).toEqual([]);
    });
  });

  test('a closed terminal leaves the keyboard to the next one', async () => {
    await open();
    await page.getByRole('button', { name: 'New terminal' }).click();
    await typing();
    await page.getByRole('button', { name: 'Close Terminal 2' }).click();
    await page.getByRole('tab', { name: 'Terminal 1', selected: true }).waitFor();
    await typing();
    await page.keyboard.type('echo still here');
    await shows(/# echo still here/);
  });

  test('the last output is copied without its prompt', async () => {
    await open();
    await type('seq 3\r');
    await shows(/^3\n.*# +$/m);
    await page.getByRole('button', { name: 'Copy last output' }).click();
    await page.getByText('The last output is on the clipboard.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('1\n2\n3');
  });

  test('a shell that ended says so, and Enter starts another', async () => {
    await open();
    await type('exit\r');
    await shows(/The shell has ended/);
    await page.getByRole('button', { name: 'New terminal' }).click();
    await shows(/# +$/m);
    await page.getByRole('tab', { name: 'Terminal 1' }).click();
    await shows(/The shell has ended/);
    await typing();
    await page.keyboard.press('Enter');
    await shows(/has ended[^#]*# +$/m);
  });

  test('exec gives results, and an aborted one rejects as cancelled', async () => {
    await open();
    expect(await page.evaluate(`window.drydock.exec('echo hello')`)).toEqual({ exitCode: 0, stdout: 'hello\n', stderr: '' });
    const kind = await page.evaluate(`(async () => {
      const abort = new AbortController();
      const running = window.drydock.exec('sleep 60', { signal: abort.signal });
      abort.abort();
      return running.then(() => 'done', (error) => error.kind);
    })()`);
    expect(kind).toBe('cancelled');
  });

  test('10 000 lines can be scrolled back', async () => {
    await open();
    await type('seq 9900\r');
    await shows(/^9900/m);
    await page.keyboard.press('Control+Shift+F');
    await page.getByRole('search').getByRole('textbox').fill('# seq 9900');
    await page.getByText('1 of 1').waitFor();
  });

  test('a run button types its command, the tutorial begins at its first step', async () => {
    await open();
    await page.locator('nav [aria-current="step"]').waitFor();
    const button = page.getByRole('button', { name: /^Run .* in the terminal$/ }).first();
    const command = ((await button.getAttribute('aria-label')) ?? '').slice('Run '.length, -' in the terminal'.length);
    await button.click();
    await shows(`# ${command}`);
  });

  test('themes, font size and screen reader mode are kept', async () => {
    await open();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('Dark', { exact: true }).click();
    await page.getByLabel('Screen reader mode').check();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await open();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.locator('.xterm-accessibility').waitFor({ state: 'attached' });
  });

  test('a question that is asked again at once after it was answered stays', async () => {
    await open();
    const again = page.getByRole('button', { name: 'Start the tutorial over', exact: true });
    const keep = page.getByRole('button', { name: 'Keep going', exact: true });
    await again.click();
    await keep.waitFor();
    // Sooner than the browser tells of the closed dialog.
    await page.evaluate(`(async () => {
      const press = (name) => [...document.querySelectorAll('button')].find((each) => (each.ariaLabel ?? each.textContent.trim()) === name).click();
      press('Keep going');
      await Promise.resolve();
      await Promise.resolve();
      press('Start the tutorial over');
    })()`);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)));
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await keep.isVisible()).toBe(true);
    await keep.click();
    await keep.waitFor({ state: 'detached' });
  });

  test('while the machine is reset it is covered, and the tutorial stands at its first step', async () => {
    await open();
    await page.getByRole('button', { name: 'Start the tutorial over' }).click();
    await page.getByRole('button', { name: 'Keep going' }).press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await page.evaluate(`window.states = []; window.drydock.on('state', (state) => window.states.push(state))`);
    await page.getByRole('button', { name: 'Start the tutorial over' }).click();
    await page.getByRole('button', { name: 'Start over', exact: true }).click();
    await page.locator('nav .active[aria-current="step"]').waitFor();
    await shows(/# +$/m);
    expect(await screen()).not.toContain('The shell has ended');
    await expect.poll(() => page.evaluate('window.states')).toEqual(['booting', 'ready']);
    expect(complaints).toEqual([]);
  });

  test.each([
    ['200 % zoom', 640, 400],
    ['a phone on its side', 740, 360],
  ])('%s: the step is beside the terminal and can be read', async (_, width, height) => {
    await page.setViewportSize({ width, height });
    await open();
    const prose = await page.locator('#tutorial .scroll').boundingBox();
    const terminal = await page.locator('[data-terminal-active]').boundingBox();
    expect(prose?.height ?? 0).toBeGreaterThan(100);
    expect(terminal?.height ?? 0).toBeGreaterThan(200);
    expect(terminal?.x ?? 0).toBeGreaterThan(300);
  });

  test('at 360 px nothing is wider than the screen and the step stands above the terminal', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const step = await page.locator('#tutorial').boundingBox();
    const terminal = await page.locator('[data-terminal-active]').boundingBox();
    expect(step?.y ?? 0).toBeLessThan(terminal?.y ?? 0);
    expect(terminal?.height ?? 0).toBeGreaterThan(200);
  });

  test.each([
    ['fail=asset_missing', /guest\/state-.*did not arrive \(the server answered 404\)/],
    ['fail=asset_damaged', /is not the file that belongs to this version/],
    ['fail=no_memory', /256 MB/],
    ['fail=no_webassembly', /WebAssembly is missing/],
    ['fail=guest', /did not say hello/],
    ['crash', /stopped while it was running: RuntimeError/],
  ])('%s says what happened and what to do', async (query, what) => {
    await page.goto(address(`?${query}`));
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(what);
    expect(await alert.textContent()).toContain('What to do');
    await page.getByRole('button', { name: 'Reload the page' }).waitFor();
    await expect.poll(focused).toBe('alert');
  });

  test('a sandboxed frame without an origin says why there is no machine, and what its embedder must do', async () => {
    await page.goto(address('', '/playground'));
    await page.evaluate(
      (source) => {
        const frame = document.createElement('iframe');
        frame.setAttribute('sandbox', 'allow-scripts');
        frame.src = source;
        document.body.replaceChildren(frame);
      },
      address('?framed', ''),
    );
    const alert = page.frameLocator('iframe').getByRole('alert');
    await expect.poll(() => alert.textContent()).toMatch(/sandboxed frame.*allow-same-origin.*open http.*framed/);
  });

  test('at 390 px a terminal has 60 columns and the keys a phone lacks; Ctrl holds for one key', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    try {
      page = await phone.newPage();
      await page.goto(address('', '/playground'));
      await page.waitForFunction('window.drydock');
      await page.evaluate('window.drydock.ready');
      await shows(/# +$/m);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      await type(`echo ${'x'.repeat(36)}`);
      await shows(/# echo x{36}/);
      const control = page.getByRole('button', { name: 'Ctrl' });
      await control.tap();
      await expect.poll(() => control.getAttribute('aria-pressed')).toBe('true');
      await page.locator('[data-terminal-active] textarea').press('c');
      await shows(/x{36}\^C/);
      await expect.poll(() => control.getAttribute('aria-pressed')).toBe('false');
    } finally {
      await phone.close();
    }
  });

  test('at 360 px a failure has the whole screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(address('?fail=asset_missing'));
    const button = page.getByRole('button', { name: 'Reload the page' });
    await button.waitFor();
    const box = await button.boundingBox();
    expect((box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0)).toBeLessThan(740);
    await button.click({ trial: true });
  });

  test('a machine that does not come back from a reset is a failure, not a prompt', async () => {
    await page.goto(address('?stuck'));
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
    await page.evaluate(`window.drydock.on('state', (state) => (window.state = state))`);
    await page.getByRole('button', { name: 'Start the tutorial over' }).click();
    await page.getByRole('button', { name: 'Start over', exact: true }).click();
    await page.getByText('The machine did not start').waitFor();
    await expect.poll(() => page.evaluate('window.state')).toBe('failed');
  });

  test('ready rejects with what stopped the boot', async () => {
    await page.goto(address('?fail=no_memory'));
    await page.waitForFunction('window.drydock');
    expect(await page.evaluate(`window.drydock.ready.catch((error) => error.detail.reason)`)).toBe('no_memory');
  });

  test('while it boots a bar names what is loading', async () => {
    await page.goto(address('?stop=fetch'));
    await page.getByText('Loading the machine’s start state').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('42');
  });
});
