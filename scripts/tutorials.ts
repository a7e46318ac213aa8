/**
 * `npm run tutorials [-- [--shard I/N] [--minutes N] [ID…]]`: tries tutorials on the real guest for six minutes at most, as `npm test` does: those whose files
 * differ from the commit before, then the others, each commit beginning with another one. `npm run tutorials:all`, and ids, know no such bound.
 * One JSON line for each trial, then one for the whole {trials, failed, seconds, leftOut?}.
 */
import { parseArgs } from 'node:util';
import { tryTutorials } from '../test/tutorials/harness/try-tutorials.ts';
import { Budget, parseShard, usualMinutes } from '../test/tutorials/harness/choose-trials.ts';
import { worldTime } from '../test/tutorials/world-time.ts';

const { values, positionals } = parseArgs({
  options: {
    shard: { type: 'string', default: '1/1' },
    minutes: { type: 'string', default: String(usualMinutes) },
    all: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const minutes = values.all || positionals.length > 0 ? Infinity : Number(values.minutes);
if (!(minutes >= 0)) throw new Error(`--minutes is a number, not ${values.minutes}`);
const budget = new Budget(minutes, worldTime.now);
let trials = 0;
let failed = 0;
let seconds = 0;
for await (const { tutorial, report, milliseconds } of tryTutorials({ shard: parseShard(values.shard), budget, only: positionals })) {
  trials += 1;
  seconds += milliseconds / 1000;
  if (report.status !== 'pass') failed += 1;
  const { name, status, message } = report;
  console.log(
    JSON.stringify({ tutorial, name, status, ...(message === undefined ? {} : { message }), milliseconds: Math.round(milliseconds) }),
  );
}
const { leftOut } = budget;
console.log(JSON.stringify({ trials, failed, seconds: Number(seconds.toFixed(1)), ...(leftOut === null ? {} : { leftOut }) }));
process.exit(failed > 0 || trials === 0 ? 1 : 0);
