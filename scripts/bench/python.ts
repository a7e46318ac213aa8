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
 * same machine. `value` is ours over v86's; seconds are for orientation. Where others use the machine too, compare `cpu`: seconds of all threads.
 */
export async function* pythonFigures(): AsyncGenerator<Figure> {
  await buildSite(() => undefined);
  for (const [where, open] of [
    ['Node', inNode],
    ['Chromium', inChromium],
  ] as const) {
    const ours = await measure(await open('own'));
    const theirs = await measure(await open('of v86'));
    for (const [name, { seconds, cpu }] of ours.rows) {
      const before = theirs.rows.get(name) ?? { seconds: Number.NaN, cpu: Number.NaN };
      yield {
        figure: `${name}, ${where}`,
        value: round(seconds / before.seconds),
        unit: 'ratio to v86 as it is',
        target: 0.5,
        seconds,
        before: before.seconds,
        cpu,
        cpuBefore: before.cpu,
        cpuRatio: round(cpu / before.cpu),
      };
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
      runCpuMilliseconds: round(ours.runCpu),
      forkCpuMilliseconds: round(ours.forkCpu),
      runCpuMillisecondsBefore: round(theirs.runCpu),
    };
  }
}

interface Spent {
  readonly seconds: number;
  readonly cpu: number;
}

interface Measured {
  readonly rows: ReadonlyMap<string, Spent>;
  /** Medians in milliseconds, and in milliseconds of CPU. */
  readonly run: number;
  readonly fork: number;
  readonly runCpu: number;
  readonly forkCpu: number;
}

async function measure(place: Place): Promise<Measured> {
  const spent = async (line: string): Promise<Spent> => {
    const before = await place.cpu();
    const seconds = (await place.time(line)) / 1000;
    return { seconds, cpu: ((await place.cpu()) - before) / 1000 };
  };
  const repeat = async (line: string, times: number): Promise<Spent[]> => {
    const all = [];
    for (let index = 0; index < times; index += 1) all.push(await spent(line));
    return all;
  };
  const milliseconds = (all: readonly Spent[], which: keyof Spent): number => median(all.slice(4).map((one) => one[which] * 1000));
  await place.time('docker pull -q busybox');
  const runs = await repeat('docker run --rm busybox true', 14);
  const forks = await repeat('busybox true', 14);
  await place.time('docker run -d --name py python:3.11-slim sleep 1000000');
  const found = new Map<string, Spent>();
  for (const [name, line, times] of rows) {
    for (const [index, { seconds, cpu }] of (await repeat(line, times)).entries()) {
      found.set(times === 1 ? name : `${name}, time ${index + 1}`, { seconds: round(seconds), cpu: round(cpu) });
    }
  }
  await place.close();
  return {
    rows: found,
    run: milliseconds(runs, 'seconds'),
    fork: milliseconds(forks, 'seconds'),
    runCpu: milliseconds(runs, 'cpu'),
    forkCpu: milliseconds(forks, 'cpu'),
  };
}
