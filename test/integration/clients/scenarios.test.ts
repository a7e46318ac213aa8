/** The lines of test/conformance/scenarios, typed by the real docker client at the headless engine: what is said is what a real engine said. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { compare, differences } from '../../conformance/scenarios/differences.ts';
import { readScenario, scenarioNames } from '../../conformance/scenarios/files.ts';
import { clear, playScenario, scenarioFolder } from '../../conformance/scenarios/play.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['docker', 'tar'], 'the real docker client over the headless engine and over a real one', () => {
  let engine: RunningEngine;
  const reasons = new Set<string>();

  beforeAll(async () => {
    mkdirSync(scenarioFolder, { recursive: true });
    // What another engine of this machine has is not pulled again, and less is said of it.
    const own = mkdtempSync(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${own}/engine.sock`, dataRoot: `${own}/data`, share: scenarioFolder });
    await clear(engine.address, scenarioFolder);
  });
  afterAll(() => engine.stop());

  for (const name of scenarioNames()) {
    test(`say the same to the lines of ${name}`, async () => {
      const real = readScenario(name);
      const { wrong, reasons: needed } = compare(real, await playScenario(engine.address, real));
      for (const why of needed) reasons.add(why);
      expect(wrong.join('\n')).toBe('');
    });
  }

  test('differ for no reason that is not needed', () => {
    expect(differences.filter(({ why }) => !reasons.has(why)).map(({ why }) => why)).toEqual([]);
  });
});
