import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSite, siteFolder } from '../../scripts/site.ts';
import { launchBrowser } from '../support/browser.ts';
import { startWispServer } from '../support/wisp-server.ts';
import { serveStatic, type StaticServer } from '../support/static-server.ts';
import { describeWith } from '../support/tools.ts';

interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

describeWith(['chromium'], 'the built page in Chromium, under a path prefix', () => {
  let server: StaticServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    await buildSite(() => undefined);
    server = await serveStatic(siteFolder, '/some/where/');
    // Names of the hosts that containers reach in these tests.
    browser = await launchBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(90_000);
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterEach(async () => {
    server.lose(null);
    await context.close();
  });

  async function open(): Promise<void> {
    await page.goto(server.url);
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
  }
  const execute = (command: string): Promise<ExecResult> => page.evaluate(`window.drydock.exec(${JSON.stringify(command)})`);
  const screen = (): Promise<string> =>
    page.evaluate(`[...document.querySelectorAll('[data-terminal-active] .xterm-rows > div')].map((row) => row.textContent).join('\\n')`);
  const shows = async (text: string | RegExp): Promise<void> => {
    await expect.poll(screen).toMatch(text);
  };
  const type = (keys: string): Promise<unknown> => page.evaluate(`window.drydock.type(${JSON.stringify(keys)})`);
  /** The shell of the guest waits at the end of the screen: what is typed before goes to the program that still runs. */
  const prompt = (): Promise<void> => shows(/root@drydock:~#\s*$/);

  test('what only npm run dev has is not in what was built', () => {
    const files = readdirSync(join(siteFolder, 'assets')).filter((name) => name.endsWith('.js') || name.endsWith('.css'));
    const text = files.map((name) => readFileSync(join(siteFolder, 'assets', name), 'utf8')).join('\n');
    // It is what is searched: a word of the page is found.
    expect(text).toContain('Your first container');
    for (const word of ['Check inspector', 'facts read', 'not entered. As it would be']) expect(text).not.toContain(word);
  });

  test('a container asks hosts outside over plain HTTP as a page may: one that lets it read, one that does not; TLS needs the relay from the settings', async () => {
    const seen: string[] = [];
    const host = createServer((request, response) => {
      seen.push(`${request.method} ${request.headers.host} ${request.url}`);
      if (request.url !== '/closed') response.setHeader('Access-Control-Allow-Origin', '*');
      response.end(`here is ${request.url}\n`);
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const { port } = host.address() as AddressInfo;
    const relay = await startWispServer();
    await open();
    const ask = (path: string, port: number): string => `docker run --rm busybox wget -S -O - http://web.test:${port}${path} 2>&1`;
    expect((await execute(ask('/open', port))).stdout).toContain('here is /open\n');
    expect((await execute(ask('/closed', port))).stdout).toMatch(/HTTP\/1\.1 502 Bad Gateway/);
    expect(
      (await execute(`docker run --rm busybox sh -c 'printf "GET /closed HTTP/1.0\\r\\n\\r\\n" | nc web.test ${port}'`)).stdout,
    ).toContain(
      `http://web.test:${port}/closed could not be read: web.test answers, but does not let pages of other origins read it (CORS)`,
    );
    expect((await execute('wget -qO- https://web.test/ 2>&1; nc web.test 443 </dev/null 2>&1')).stdout).toMatch(/reset|closed|error/i);
    await page.getByRole('button', { name: 'Settings' }).click();
    const field = page.getByLabel('Wisp relay');
    await field.fill('http://relay.example');
    expect(await page.locator('#relay-help').innerText()).toContain('wss://');
    await field.fill(relay.url);
    await field.press('Tab');
    await page.keyboard.press('Escape');
    expect((await execute(ask('/closed', port))).stdout).toContain('here is /closed\n');
    expect(seen.filter((line) => line.includes('/open'))).toEqual([`GET web.test:${port} /open`]);
    await Promise.all([relay.close(), new Promise((resolve) => host.close(resolve).closeAllConnections())]);
    // The browser's own words about what it was not allowed to read.
    expect(complaints.every((text) => /CORS|ERR_FAILED/.test(text))).toBe(true);
  });

  test('a published port is asked by drydock.fetch: its answer, one that is cut short, and one of nobody', async () => {
    await open();
    await execute('docker run -d -p 8080:80 nginx && docker run -d -p 8081:80 busybox sleep 1000');
    const get = (port: number, path: string): Promise<unknown> =>
      page.evaluate(`window.drydock.fetch(${port}, ${JSON.stringify(path)}).then(
        async (answer) => [answer.status, answer.headers.get('content-type'), (await answer.text()).includes('Welcome to nginx!')],
        (error) => error.message,
      )`);
    await expect.poll(() => get(8080, '/?x=1')).toEqual([200, 'text/html', true]);
    expect(await get(8080, '/missing')).toEqual([404, 'text/html', false]);
    await expect.poll(() => get(8081, '/')).toBe('localhost:8081: connection refused');
    expect(await get(8082, '/')).toBe('localhost:8082: connection refused');
    // Chromium's text() has words of its own for a body that breaks off; who reads the body is told why.
    const cut = (read: string): Promise<unknown> =>
      page.evaluate(`(async () => {
        const abort = new AbortController();
        const answer = await window.drydock.fetch(8080, '/', { signal: abort.signal });
        abort.abort();
        return ${read}.then(() => 'whole', (error) => error.message);
      })()`);
    expect(await cut('answer.body.getReader().read()')).toBe('fetch was cancelled');
    expect(await cut('answer.text()')).not.toBe('whole');
    expect(complaints).toEqual([]);
  });

  test('hello-world, an interactive shell, a detached container and its logs, as a person types them', async () => {
    await open();
    await type('docker run hello-world\r');
    await shows(/Hello from/);
    await prompt();
    await type('clear; docker run -it --name box busybox sh\r');
    await shows(/\/ #\s*$/);
    await type('hostname; tty; exit 5\r');
    await shows(/\/dev\/(pts\/\d+|console)/);
    await prompt();
    await type('echo status $?\r');
    await shows(/status 5/);
    await prompt();
    await type("clear; docker run -d --name tick busybox sh -c 'while :; do echo tick; sleep 0.2; done'\r");
    await shows(/[0-9a-f]{64}/);
    await prompt();
    await type('clear; docker logs -f tick\r');
    await shows(/tick\ntick/);
    await type('\x03');
    await prompt();
    await type('clear; echo back at the prompt\r');
    await shows(/^back at the prompt/m);
    expect((await execute(`docker inspect -f '{{.State.Running}}' tick`)).stdout).toBe('true\n');
    expect(complaints).toEqual([]);
  });

  test('the strip names each container with its state; leaving the page asks where something would be lost', async () => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    const strip = page.getByRole('region', { name: 'Containers' });
    const container = (name: string) => strip.getByRole('listitem').filter({ hasText: name });
    const again = async (): Promise<void> => {
      await page.reload();
      await page.waitForFunction('window.drydock');
      await page.evaluate('window.drydock.ready');
    };
    /** A browser asks only where somebody has pressed a key. */
    const key = (): Promise<void> => page.locator('[data-terminal-active] textarea').press('x');
    await open();
    await strip.getByText('No containers yet.').waitFor();
    await key();
    await again();
    expect(asked).toEqual([]);

    await execute('docker pull -q busybox');
    await key();
    await page.evaluate('location.reload()');
    await expect.poll(() => asked).toEqual(['beforeunload']);
    await execute('docker run -d --name stays busybox sleep 100000');
    await container('stays').getByText('busybox · running', { exact: true }).waitFor();
    await execute('docker run --name fails busybox sh -c "exit 3"');
    await container('fails').getByText('busybox · exited (3)', { exact: true }).waitFor();
    await execute('docker pause stays');
    await container('stays').getByText('busybox · paused', { exact: true }).waitFor();
    // The youngest first.
    expect(await strip.getByRole('listitem').locator('strong').allInnerTexts()).toEqual(['fails', 'stays']);
    await page.evaluate('location.reload()');
    await expect.poll(() => asked).toEqual(['beforeunload', 'beforeunload']);
    expect((await execute(`docker inspect -f '{{.State.Status}}' stays`)).stdout).toBe('paused\n');

    await execute('docker rm -f stays fails; docker rmi busybox');
    await strip.getByText('No containers yet.').waitFor();
    await expect.poll(() => page.evaluate('dispatchEvent(new Event("beforeunload", { cancelable: true }))')).toBe(true);
    await again();
    expect(asked).toHaveLength(2);
    await page.locator('[data-terminal-active] textarea').pressSequentially('echo kept > /root/note\n');
    await page.evaluate('location.reload()');
    await expect.poll(() => asked).toHaveLength(3);
    expect(complaints).toEqual([]);
  });

  test("exec gives the command's own exit status, output and errors", async () => {
    await open();
    const result = await execute('echo out; echo err >&2; exit 3');
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
    const unknown = await execute('docker frobnicate');
    expect(unknown.stderr).toContain('docker: unknown command: docker frobnicate');
    expect(unknown.exitCode).toBe(1);
  });

  test('a lost asset is named and nothing is pretended', async () => {
    server.lose(/state-/);
    await page.goto(server.url);
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByRole('alert').first().textContent()).toMatch(/state-/);
  });

  test.each([/assets\/index-.*\.js$/, /assets\/index-.*\.css$/, /assets\/worker-.*\.js$/])(
    'a lost file of the page itself, %s, is named',
    async (file) => {
      server.lose(file);
      await page.goto(server.url);
      const alert = page.getByRole('alert').first();
      await alert.waitFor();
      expect(await alert.textContent()).toMatch(/assets\/\w+-.*(could not be loaded|did not arrive)/);
    },
  );

  test('a style that is known to be lost before the rest of the page has come is named', async () => {
    const html = await (await fetch(server.url)).text();
    const headEnds = html.indexOf('</head>');
    let styleLost = () => {};
    const slow = createServer((request, response) => {
      if (request.url === '/') {
        response.writeHead(200, { 'content-type': 'text/html' }).write(html.slice(0, headEnds));
        styleLost = () => response.end(html.slice(headEnds));
      } else if (request.url?.endsWith('.css') === true) response.writeHead(404).end();
      // The program never comes: whatever is said, the page says.
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    try {
      await page.exposeFunction('styleLost', () => styleLost());
      await page.addInitScript(
        "addEventListener('error', ({ target }) => { if (target instanceof HTMLLinkElement) setTimeout(() => styleLost()); }, true)",
      );
      await page.goto(`http://127.0.0.1:${(slow.address() as AddressInfo).port}/`, { waitUntil: 'commit' });
      await page.getByRole('alert').first().waitFor();
      expect(await page.getByRole('alert').first().textContent()).toMatch(/assets\/index-.*\.css could not be loaded/);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });

  test('a lost file of an image is named in the terminal, and once it is there the pull goes through', async () => {
    await open();
    server.lose(/images\/blobs/);
    const failed = await execute('docker pull hello-world');
    expect(failed.stderr).toMatch(/images\/blobs\/sha256\/.* could not be loaded: the server answered 404/);
    server.lose(null);
    expect((await execute('docker pull -q hello-world')).exitCode).toBe(0);
  });

  test('no byte of a tool is fetched before it is used; one that is lost is an input/output error, and runs once it is there', async () => {
    const asked: string[] = [];
    context.on('request', (request) => {
      const path = new URL(request.url()).pathname;
      if (path.startsWith('/some/where/tools/')) asked.push(path);
    });
    await open();
    await prompt();
    expect((await execute('docker run --rm busybox true; ls /run/drydock/host; ls -l /usr/bin/docker; type nosuch; true')).exitCode).toBe(
      0,
    );
    expect(asked).toEqual([]);
    server.lose(/tools\/blobs/);
    expect((await execute(`jq -n '1+1'`)).exitCode).not.toBe(0);
    expect(asked[0]).toBe('/some/where/tools/index.json');
    server.lose(null);
    expect(await execute(`echo '{"a":41}' | jq '.a+1'`)).toMatchObject({ exitCode: 0, stdout: '42\n' });
    expect(new Set(asked).size).toBeLessThan(12);
  });

  test('a kernel that panics is shown with what to do, and calls that wait end', async () => {
    await open();
    const lines = 'echo 2 > /proc/sys/vm/panic_on_oom; mount -o remount,size=100% /dev/shm; dd if=/dev/zero of=/dev/shm/full bs=1M';
    const outcome = await page.evaluate(`window.drydock.exec(${JSON.stringify(lines)}).then(() => 'done', () => 'rejected')`);
    expect(outcome).toBe('rejected');
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/Kernel panic/);
    const after = await page.evaluate(`window.drydock.exec('true').then(() => 'done', () => 'rejected')`);
    expect(after).toBe('rejected');
  });
});
