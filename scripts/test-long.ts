/**
 * `npm run test:long [-- NAME…]`: every suite that has a long version, one after the other, and what became of each. SCALE, RUNS and BUDGET
 * shorten them and SEED repeats one, as each suite says.
 */
import { spawnSync } from 'node:child_process';

interface LongSuite {
  readonly about: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const guest = ['tsx', 'scripts/test.ts', '--project', 'guest'];
const unit = ['vitest', 'run', '--project', 'unit'];

const suites: Readonly<Record<string, LongSuite>> = {
  faults: {
    about: 'disk, processes and memory exhausted; processes killed at random, calls left in the middle, crowds of 200',
    command: [...guest, 'test/integration/faults'],
  },
  'random-operations': {
    about: 'operations on containers at random over the host in memory, 20 000 sequences',
    command: [...unit, 'src/engine/random-operations.test.ts'],
    environment: { RUNS: '20000' },
  },
  'random-operations-guest': {
    about: 'the same over the real guest, ten minutes',
    command: [...guest, 'test/integration/playground/random-operations.test.ts'],
    environment: { BUDGET: '600000' },
  },
  feed: {
    about: 'what the page is told of the engine, 500 sequences',
    command: [...unit, 'src/worker/feed/engine-feed.test.ts'],
    environment: { RUNS: '500' },
  },
  soak: {
    about: 'memory and disk after thousands of uses: npm run bench -- soak',
    command: ['tsx', 'scripts/bench.ts', 'soak'],
  },
  tutorials: {
    about: 'every trial of every tutorial: npm run tutorials:all',
    command: ['tsx', 'scripts/tutorials.ts', '--all'],
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) throw new Error(`no long suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`);
const said: string[] = [];
for (const [name, { about, command, environment }] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`${name}: ${about}`);
  const started = performance.now();
  const { status } = spawnSync('npx', ['--no-install', ...command], {
    stdio: 'inherit',
    env: { LONG: '1', ...environment, ...process.env },
  });
  said.push(`${status === 0 ? 'passed' : 'FAILED'} ${name}, ${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
  if (status !== 0) process.exitCode = 1;
}
console.log(said.join('\n'));
