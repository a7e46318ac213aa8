/** Guests in Node and in Chromium that run lines typed in their shell; the page's site has to be built. */
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** Whose rules v86 compiles by. */
export type Policy = 'own' | 'of v86';

/** v86.wasm as its authors have it: without an adjustable threshold it compiles by v86's own policy. */
const originalWasm = join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm');

export async function inNode(policy: Policy = 'own'): Promise<Place> {
  const playground = await createNodePlayground(policy === 'own' ? {} : { wasm: originalWasm });
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

export async function inChromium(policy: Policy = 'own'): Promise<Place> {
  const folder = policy === 'own' ? siteFolder : await siteWithOriginal();
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
      if (folder !== siteFolder) await rm(folder, { recursive: true });
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

async function siteWithOriginal(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-site-'));
  await cp(siteFolder, folder, { recursive: true });
  const path = join(folder, 'guest', 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { wasm: { file: string; bytes: number } };
  await cp(originalWasm, join(folder, 'guest', manifest.wasm.file));
  manifest.wasm.bytes = (await stat(originalWasm)).size;
  await writeFile(path, JSON.stringify(manifest));
  return folder;
}
