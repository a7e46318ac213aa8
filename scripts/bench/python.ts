import { join } from 'node:path';
import { buildSite, siteFolder } from '../site.ts';
import { foundationFolder } from './before.ts';
import { median, round, type Figure } from './figure.ts';
import { inChromium, inNodeProcess, type Place } from './places.ts';

const root = join(import.meta.dirname, '../..');
const inPython = (command: string): string => `docker exec py ${command}`;
/** Each the first and the second time; the loop once. A loop is all compiled code: it may not get slower, there is nothing to halve. */
const rows: readonly { readonly name: string; readonly line: string; readonly times: number; readonly target: number }[] = [
  { name: 'print(1)', line: inPython('python3 -c "print(1)"'), times: 2, target: 0.5 },
  { name: 'import json,http.server,argparse', line: inPython('python3 -c "import json,http.server,argparse"'), times: 2, target: 0.5 },
  { name: 'pip --version', line: inPython('pip --version'), times: 2, target: 0.5 },
  { name: 'a loop of 1 M', line: inPython('python3 -c "for i in range(1000000): pass"'), times: 1, target: 1 },
];

/**
 * Python and `docker run` in Node and in Chromium, in the repository as it is and as it was at the end of the foundation. Both guests run
 * side by side and take turns line by line, so that what slows the machine slows both. `value` is now over then; seconds are for
 * orientation. Where others use the machine too, compare `cpuRatio`: of the CPU seconds of all threads.
 */
export async function* pythonFigures(): AsyncGenerator<Figure> {
  await buildSite(() => undefined);
  const old = await foundationFolder();
  for (const [where, open] of [
    ['Node', (folder: string) => inNodeProcess(folder)],
    ['Chromium', (folder: string) => inChromium(folder === root ? siteFolder : join(folder, 'dist'))],
  ] as const) {
    const now = await open(root);
    const then = await open(old);
    const turns = async (line: string): Promise<Turn> => ({ before: await spend(then, line), spent: await spend(now, line) });
    const repeat = async (line: string, times: number): Promise<Turn[]> => {
      const all = [];
      for (let index = 0; index < times; index += 1) all.push(await turns(line));
      return all;
    };
    await turns('docker pull -q busybox');
    const runs = medians(await repeat('docker run --rm busybox true', 14));
    const forks = medians(await repeat('busybox true', 14));
    yield {
      figure: `docker run --rm busybox true, time over fork+exec of busybox true, ${where}`,
      value: round(runs.spent.seconds / forks.spent.seconds),
      unit: 'ratio',
      target: 5,
      runMilliseconds: round(runs.spent.seconds * 1000),
      forkMilliseconds: round(forks.spent.seconds * 1000),
      runCpuMilliseconds: round(runs.spent.cpu * 1000),
      forkCpuMilliseconds: round(forks.spent.cpu * 1000),
      before: round(runs.before.seconds / forks.before.seconds),
      runMillisecondsBefore: round(runs.before.seconds * 1000),
      forkMillisecondsBefore: round(forks.before.seconds * 1000),
    };
    await turns('docker run -d --name py python:3.11-slim sleep 1000000');
    for (const { name, line, times, target } of rows) {
      for (const [index, { before, spent }] of (await repeat(line, times)).entries()) {
        yield {
          figure: `${times === 1 ? name : `${name}, time ${index + 1}`}, ${where}`,
          value: round(spent.seconds / before.seconds),
          unit: 'ratio to the foundation',
          target,
          seconds: round(spent.seconds),
          before: round(before.seconds),
          cpu: round(spent.cpu),
          cpuBefore: round(before.cpu),
          cpuRatio: round(spent.cpu / before.cpu),
        };
      }
    }
    await now.close();
    await then.close();
  }
}

/** In seconds; `cpu` in all threads. */
interface Spent {
  readonly seconds: number;
  readonly cpu: number;
}

interface Turn {
  readonly before: Spent;
  readonly spent: Spent;
}

async function spend(place: Place, line: string): Promise<Spent> {
  const before = await place.cpu();
  const seconds = (await place.time(line)) / 1000;
  return { seconds, cpu: ((await place.cpu()) - before) / 1000 };
}

/** Of the last ten. */
function medians(turns: readonly Turn[]): Turn {
  const last = turns.slice(-10);
  const of = (which: keyof Turn): Spent => ({
    seconds: median(last.map((turn) => turn[which].seconds)),
    cpu: median(last.map((turn) => turn[which].cpu)),
  });
  return { before: of('before'), spent: of('spent') };
}
