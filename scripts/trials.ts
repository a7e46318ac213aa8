/**
 * `npm run trials [-- --shard I/N] [-- ID…]`: tries tutorials on the real guest, those that were changed first. One JSON line for each trial, then one for the
 * whole {trials, failed, seconds}. `npm test` tries the same.
 */
import { parseArgs } from 'node:util';
import { tryTutorials } from '../test/tutorials/harness/try-tutorials.ts';
import { parseShard } from '../test/tutorials/harness/choose-trials.ts';

const { values, positionals } = parseArgs({ options: { shard: { type: 'string', default: '1/1' } }, allowPositionals: true });
let trials = 0;
let failed = 0;
let seconds = 0;
for await (const { tutorial, report, milliseconds } of tryTutorials({ shard: parseShard(values.shard), only: positionals })) {
  trials += 1;
  seconds += milliseconds / 1000;
  if (report.status !== 'pass') failed += 1;
  const { name, status, message } = report;
  console.log(
    JSON.stringify({ tutorial, name, status, ...(message === undefined ? {} : { message }), milliseconds: Math.round(milliseconds) }),
  );
}
console.log(JSON.stringify({ trials, failed, seconds: Number(seconds.toFixed(1)) }));
process.exit(failed > 0 || trials === 0 ? 1 : 0);
