import { buildSite } from '../site.ts';
import { median, round, type Figure } from './figure.ts';
import { inChromium, inNode, type Place } from './places.ts';

const inPython = (command: string): string => `docker exec py ${command}`;
/** Each the first and the second time; the loop once, and never slower than before. */
const rows: readonly (readonly [name: string, line: string, times: number])[] = [
  ['print(1)', inPython('python3 -c "print(1)"'), 2],
  ['import json,http.server,argparse', inPython('python3 -c "import json,http.server,argparse"'), 2],
  ['pip --version', inPython('pip --version'), 2],
  ['a loop of 1 M', inPython('python3 -c "for i in range(1000000): pass"'), 1],
];

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
