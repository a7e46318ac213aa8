import { expect, test } from 'vitest';
import { createTestEngine } from '../testing/engine.ts';
import { startContainer } from './verbs/start.ts';

test('the container that was expected gets the ID the agent was told, once, and only for the same layers', async () => {
  const { context, machine, create } = createTestEngine();
  const first = create({ Cmd: ['true'] });
  await startContainer(context, first);
  const told = machine.started.at(-1)?.next;
  expect(told).toMatch(/^[0-9a-f]{64}$/);
  expect(told).not.toBe(first);
  expect(create({ Image: 'volumes', Cmd: ['true'] })).not.toBe(told);
  expect(create({ Cmd: ['true'] })).toBe(told);
  expect(create({ Cmd: ['true'] })).not.toBe(told);
});

test('a start tells the same ID until a container has it', async () => {
  const { context, machine, create } = createTestEngine();
  const [one, two] = [create({ Cmd: ['true'] }), create({ Cmd: ['true'] })];
  await startContainer(context, one);
  await startContainer(context, two);
  const [first, second] = machine.started.map(({ next }) => next);
  expect(second).toBe(first);
  await startContainer(context, create({ Cmd: ['true'] }));
  expect(machine.started.at(-1)?.next).not.toBe(first);
});

test('an ID from a snapshot is given to nobody, for the machine that went on may have used it, but its layers are let go', async () => {
  const { context, create } = createTestEngine();
  await startContainer(context, create({ Cmd: ['true'] }));
  const saved = context.next.snapshot();
  const restored = createTestEngine().context.next;
  restored.restore(saved);
  const layers = saved?.layers ?? [];
  expect(layers).not.toEqual([]);
  expect(restored.take(layers)).not.toBe(saved?.id);
  expect(restored.forget('another')).toBeNull();
  expect(restored.forget(layers[0] ?? '')).toBe(saved?.id);
  expect(restored.forget(layers[0] ?? '')).toBeNull();
});
