/** Guests in Node and in Chromium that run lines typed in their shell; the page's site has to be built. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { launchBrowser } from '../../test/support/browser.ts';
import { serveStatic } from '../../test/support/static-server.ts';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { siteFolder } from '../site.ts';
import { openShell } from './shell.ts';

/** A guest somewhere: runs a line and says how many milliseconds that took. */
export interface Place {
  time(line: string): Promise<number>;
  /** Milliseconds of CPU that whatever runs the guest has used so far, all threads: what compares on a machine that others use too. */
  cpu(): Promise<number>;
  /** Of the guest's disk, in memory; null where that is not seen. */
  diskBytes(): number | null;
  close(): Promise<void>;
}

export async function inNode(): Promise<Place> {
  const playground = await createNodePlayground();
  const shell = await openShell(playground);
  return {
    time: async (line) => (await shell.run(line)).milliseconds,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return Promise.resolve((user + system) / 1000);
    },
    diskBytes: () => playground.host.machine.diskBytes(),
    close: () => playground.dispose(),
  };
}

/** In a Node process of its own, of the repository in the folder. */
export async function inNodeProcess(folder: string): Promise<Place> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'line-runner.ts'), folder], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<{ milliseconds?: number; cpu?: number }> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error(`the guest of ${folder} ended`);
    return JSON.parse(value) as { milliseconds?: number; cpu?: number };
  };
  await answer();
  let cpu = 0;
  return {
    async time(line) {
      child.stdin.write(`${JSON.stringify(line)}\n`);
      const spent = await answer();
      cpu += spent.cpu ?? 0;
      return spent.milliseconds ?? Number.NaN;
    },
    cpu: () => Promise.resolve(cpu),
    diskBytes: () => null,
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** In a browser of its own, of the site in the folder. */
export async function inChromium(folder = siteFolder): Promise<Place> {
  const server = await serveStatic(folder);
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(server.url);
  await page.waitForFunction('window.drydock');
  await page.evaluate('window.drydock.ready');
  await page.evaluate(typing);
  const devtools = await browser.newBrowserCDPSession();
  return {
    time: async (line) => Number(await page.evaluate(`window.timeLine(${JSON.stringify(line)})`)),
    async cpu() {
      const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
    },
    diskBytes: () => null,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** In the page: types a line and waits until the shell has run it. The quotes keep the echo from being taken for the answer. */
const typing = `window.timeLine = (() => {
  let marks = 0, seen = '', told = () => {};
  window.drydock.on('terminal', (text) => { seen += text; told(); });
  return (line) => new Promise((resolve) => {
    const mark = 'mark-' + ++marks + '-';
    const started = performance.now();
    told = () => { if (seen.includes(mark + '\\r\\n')) { seen = ''; told = () => {}; resolve(performance.now() - started); } };
    window.drydock.type(line + "; echo ma''rk-" + marks + '-\\r');
  });
})()`;
