import { expect, test } from 'vitest';
import { predicate as schema } from '../format/predicate.ts';
import { english } from '../catalogue/en.ts';
import { containerFact, eventFact, readerOf, sceneFact, snapshotFact } from '../testing/facts.ts';
import { createMemory, evaluate } from './evaluate.ts';
import { inspectCheck, type Look } from './inspect.ts';
import type { Observation } from './observation.ts';

async function lookAt(check: unknown, observation: Observation): Promise<Look> {
  const predicate = schema().parse(check);
  const { leaves } = await evaluate(predicate, observation, { memory: createMemory(), catalogue: english }, 'check');
  return { step: 'here', observation, leaves, checkOf: (id) => (id === 'nowhere' ? null : predicate) };
}
const withWeb = sceneFact({ engine: snapshotFact({ containers: [containerFact({ name: 'web', state: 'running' })] }) });
const either = {
  all: [
    { any: [{ container: { name: 'web', state: 'exited' } }, { container: { name: 'web', state: 'running' } }] },
    { not: { container: { name: 'db' } } },
  ],
};

test('every leaf is there, also of the way that is not told, under the path that the evaluation gives it', async () => {
  const leaves = await inspectCheck(await lookAt(either, withWeb));
  expect(leaves.map(({ path, ok, told }) => [path, ok, told])).toEqual([
    ['check.all.0.any.0.container', false, false],
    ['check.all.0.any.1.container', true, true],
    ['check.all.1.not.container', true, true],
  ]);
});

test('a leaf has the facts that it read of the engine, by name', async () => {
  const [leaf] = await inspectCheck(await lookAt({ container: { name: 'web', state: 'running' } }, withWeb));
  expect(leaf?.reads).toContainEqual({ fact: 'engine.containers[web].State.Status', value: '"running"' });
});

test('and of the log, by sequence', async () => {
  const observation = sceneFact({ log: [eventFact(7, 'die')] });
  const [leaf] = await inspectCheck(await lookAt({ event: { type: 'container', action: 'die' } }, observation));
  expect(leaf?.ok).toBe(true);
  expect(leaf?.reads).toContainEqual({ fact: 'log[#7].action', value: '"die"' });
});

test('and of the guest, as it was asked', async () => {
  const [leaf] = await inspectCheck(
    await lookAt({ file: { in: 'guest', path: '/note', content: 'hi' } }, { ...sceneFact(), guest: readerOf({ 'guest:/note': 'hi' }) }),
  );
  expect(leaf?.reads.map(({ fact }) => fact)).toContain('guest read /note');
});

test('what cannot be looked at says why, and takes nothing from the others', async () => {
  const look = await lookAt({ container: { name: 'web' } }, withWeb);
  const observation: Observation = {
    ...withWeb,
    guest: { ...readerOf({}), read: () => Promise.reject(new Error('the guest starts anew')) },
  };
  const checkOf = () => schema().parse({ all: [{ file: { in: 'guest', path: '/note', content: 'x' } }, { container: { name: 'web' } }] });
  const leaves = await inspectCheck({ ...look, observation, checkOf }, 'another');
  expect(leaves.map(({ ok, failure }) => [ok, failure])).toEqual([
    [false, 'the guest starts anew'],
    [true, null],
  ]);
});

test('of a step that is not entered nothing is told, of one that is not there there is nothing', async () => {
  const look = await lookAt(either, withWeb);
  expect((await inspectCheck(look, 'another')).map(({ told }) => told)).toEqual([false, false, false]);
  expect(await inspectCheck(look, 'nowhere')).toEqual([]);
});
