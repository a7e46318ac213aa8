import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchBrowser } from '../../test/support/browser.ts';
import { serveStatic } from '../../test/support/static-server.ts';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { buildSite, siteFolder } from '../site.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell } from './shell.ts';

/** A guest somewhere: runs a line and says how many milliseconds that took. */
interface Place {
  time(line: string): Promise<number>;
  close(): Promise<void>;
}

type Policy = 'own' | 'of v86';

const inPython = (command: string): string => `docker exec py ${command}`;
/** Each the first and the second time; the loop once, and never slower than before. */
const rows: readonly (readonly [name: string, line: string, times: number])[] = [
  ['print(1)', inPython('python3 -c "print(1)"'), 2],
  ['import json,http.server,argparse', inPython('python3 -c "import json,http.server,argparse"'), 2],
  ['pip --version', inPython('pip --version'), 2],
  ['a loop of 1 M', inPython('python3 -c "for i in range(1000000): pass"'), 1],
];

/** v86.wasm as its authors have it: without an adjustable threshold it compiles by v86's own policy. */
const originalWasm = join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm');

/**
 * What the compiler's policy does for python and `docker run`, in Node and in Chromium: v86's own and ours in turn, so that both see the
 * same machine. `value` is ours over v86's; seconds are for orientation.
 */
export async function* pythonFigures(): AsyncGenerator<Figure> {
  await buildSite(() => undefined);
  for (const [where, open] of [
    ['Node', inNode],
    ['Chromium', inChromium],
  ] as const) {
    const ours = await measure(await open('own'));
    const theirs = await measure(await open('of v86'));
    for (const [name, seconds] of ours.rows) {
      const before = theirs.rows.get(name) ?? Number.NaN;
      yield { figure: `${name}, ${where}`, value: round(seconds / before), unit: 'ratio to v86 as it is', target: 0.5, seconds, before };
    }
    yield {
      figure: `docker run --rm busybox true, time over fork+exec of busybox true, ${where}`,
      value: round(ours.run / ours.fork),
      unit: 'ratio',
      target: 5,
      runMilliseconds: round(ours.run),
      forkMilliseconds: round(ours.fork),
      before: round(theirs.run / theirs.fork),
      runMillisecondsBefore: round(theirs.run),
    };
  }
}

async function measure(place: Place): Promise<{ readonly rows: Map<string, number>; readonly run: number; readonly fork: number }> {
  const repeat = async (line: string, times: number): Promise<number[]> => {
    const all = [];
    for (let index = 0; index < times; index += 1) all.push(await place.time(line));
    return all;
  };
  await place.time('docker pull -q busybox');
  const run = median((await repeat('docker run --rm busybox true', 14)).slice(4));
  const fork = median((await repeat('busybox true', 14)).slice(4));
  await place.time('docker run -d --name py python:3.11-slim sleep 1000000');
  const found = new Map<string, number>();
  for (const [name, line, times] of rows) {
    for (const [index, milliseconds] of (await repeat(line, times)).entries()) {
      found.set(times === 1 ? name : `${name}, time ${index + 1}`, round(milliseconds / 1000));
    }
  }
  await place.close();
  return { rows: found, run, fork };
}

async function inNode(policy: Policy): Promise<Place> {
  const playground = await createNodePlayground(policy === 'own' ? {} : { wasm: originalWasm });
  const shell = await openShell(playground);
  return {
    time: async (line) => (await shell.run(line)).milliseconds,
    close: () => playground.dispose(),
  };
}

async function inChromium(policy: Policy): Promise<Place> {
  const folder = policy === 'own' ? siteFolder : await siteWithOriginal();
  const server = await serveStatic(folder);
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(server.url);
  await page.waitForFunction('window.drydock');
  await page.evaluate('window.drydock.ready');
  await page.evaluate(typing);
  return {
    time: async (line) => Number(await page.evaluate(`window.timeLine(${JSON.stringify(line)})`)),
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
