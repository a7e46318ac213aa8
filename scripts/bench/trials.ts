import { Budget } from '../../test/tutorials/harness/choose-trials.ts';
import { worldTime } from '../../test/tutorials/world-time.ts';
import { tryTutorials } from '../../test/tutorials/harness/try-tutorials.ts';
import type { Spent } from '../../test/tutorials/harness/timed-lab.ts';
import { median, round, type Figure } from './figure.ts';

/** Every fourth trial of the tutorial harness: how long one takes, of the world's time; what of it goes into what; and seconds of CPU, which say it of a busy machine too. */
export async function* trialFigures(): AsyncGenerator<Figure> {
  const took: number[] = [];
  const before = process.cpuUsage();
  let failed = 0;
  const spent: Spent = { starting: 0, keeping: 0, waiting: 0, typing: 0 };
  for await (const { report, milliseconds, spent: own } of tryTutorials({
    shard: { index: 1, count: 4 },
    budget: new Budget(Infinity, worldTime.now),
  })) {
    took.push(milliseconds / 1000);
    for (const what of ['starting', 'keeping', 'waiting', 'typing'] as const) spent[what] += own[what] / 1000;
    if (report.status !== 'pass') failed += 1;
  }
  const mean = took.reduce((sum, one) => sum + one, 0) / took.length;
  const { user, system } = process.cpuUsage(before);
  yield {
    figure: 'one trial of the tutorial harness',
    value: round(mean),
    unit: 's',
    target: 1.5,
    median: round(median(took)),
    cpu: round((user + system) / 1e6 / took.length),
    ...Object.fromEntries(Object.entries(spent).map(([what, seconds]) => [what, round(seconds / took.length)])),
    slowest: round(Math.max(...took)),
    trials: took.length,
    failed,
  };
}
