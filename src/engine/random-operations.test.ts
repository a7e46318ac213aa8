import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { Scenario } from './testing/sequences/scenario.ts';
import { cleanUp, sequences } from './testing/sequences/commands.ts';
import { memoryHost } from './testing/sequences/memory-host.ts';

// Time here is the scenario's own: on a busy machine a pace by the wall clock would wait for a turn that the scenario takes for a standstill.
vi.mock('../base/pace.ts', async (original) => ({
  ...(await original<object>()),
  createPace: () => ({ isDue: () => false, turn: () => Promise.resolve(), begin: () => undefined }),
}));

/** More for a search by hand: `RUNS=20000 npx vitest run src/engine/random-operations.test.ts`; `SEED` repeats one. */
const runs = Number(process.env['RUNS'] ?? 150);
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };

const steps = sequences({
  where: 'memory',
  programs: ['sleeps', 'heeds', 'sleeps', 'heeds', 'reads', 'talks', 'ends', 'fails', 'brief', 'missing', 'hungry'],
  steps: 40,
});
/** Microtasks that each round trip to the machine takes. */
const hops = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 12 });
const tally = new Map<string, number>();

it(
  'whatever is done to containers, in whatever order, saved and restored between, the engine and its host agree',
  { timeout: 600_000 },
  async () => {
    const property = fc.asyncProperty(steps, hops, async (commands, pace) => {
      const host = await memoryHost(pace);
      const scenario = new Scenario(host, tally);
      await fc.asyncModelRun(() => ({ model: {}, real: scenario }), commands);
      await cleanUp(scenario);
      expect(host.waitsFor).toBeNull();
    });
    await fc.assert(property, { numRuns: runs, ...seed });
  },
);

const verbs =
  'create run start pause unpause logs attach leave stop restart kill exec rename update remove wait connect disconnect ' +
  'network-create network-remove prune pass end fail save restore';

it.skipIf(runs < 150)('and the sequences do everything that can be done, and are refused what can be refused', () => {
  const done = new Set([...tally.keys()].map((outcome) => outcome.split(' ')[0]));
  expect(verbs.split(' ').filter((verb) => !done.has(verb))).toEqual([]);
  // What each came to, for a search by hand.
  if (process.env['RUNS'] !== undefined)
    console.log(
      [...tally]
        .sort()
        .map(([outcome, times]) => `${outcome}: ${times}`)
        .join('\n'),
    );
  for (const outcome of ['run ok', 'start ok', 'start not_found', 'stop ok', 'remove ok', 'remove not_found', 'save ok', 'restore ok'])
    expect(tally.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
});
