import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from '../../../src/engine/testing/sequences/scenario.ts';
import { cleanUp, sequences } from '../../../src/engine/testing/sequences/commands.ts';
import type { ProgramName } from '../../../src/engine/testing/sequences/subject.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { guestHost } from './guest-host.ts';

/** Milliseconds; `BUDGET=600000` searches by hand, `SEED` repeats. */
const budget = Number(process.env['BUDGET'] ?? 30_000);
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };
const programs: readonly ProgramName[] = [
  'sleeps',
  'heeds',
  'sleeps',
  'heeds',
  'reads',
  'talks',
  'ends',
  'fails',
  'brief',
  'missing',
  'hungry',
];

let playground: LocalPlayground;
beforeAll(async () => {
  playground = await createNodePlayground();
  expect(await playground.lines.run('docker pull -q busybox', { id: 'pull' })).toMatchObject({ exitCode: 0 });
});
afterAll(() => playground.dispose());

test(
  'whatever is done to containers, saved and restored between, the engine and the kernel of the guest agree',
  { timeout: budget + 240_000 },
  async () => {
    const tally = new Map<string, number>();
    // What is left of the time after a failure goes into making it smaller.
    const end = Date.now() + budget;
    const property = fc.asyncProperty(sequences({ where: 'guest', programs, steps: 25 }), async (commands) => {
      if (Date.now() > end) return;
      const scenario = new Scenario(guestHost(playground), tally);
      await fc.asyncModelRun(() => ({ model: {}, real: scenario }), commands);
      await cleanUp(scenario);
    });
    await fc.assert(property, { numRuns: 5000, ...seed });
    const lines = [...tally].sort().map(([what, times]) => `${what}: ${times}`);
    console.log(lines.join('\n'));
    expect([...tally.keys()]).toEqual(expect.arrayContaining(['run ok', 'remove ok', 'save ok']));
  },
);
