import { expect, test } from 'vitest';
import { settle } from '../../testing/clock.ts';
import { createTestEngine } from '../../testing/engine.ts';
import { startContainer } from '../verbs/start.ts';
import { atStandstill } from './standstill.ts';

test('a save waits for verbs that are under way, and verbs that come meanwhile wait for it', async () => {
  const engine = createTestEngine();
  const [one, other] = [engine.create({ Cmd: ['sleep'] }, 'one'), engine.create({ Cmd: ['sleep'] }, 'other')];
  let open: () => void = () => undefined;
  engine.machine.gate = new Promise((resolve) => (open = resolve));
  const starting = startContainer(engine.context, one);
  await settle();
  const status = (id: string) => engine.context.store.find(id).state.status;
  const seen: string[] = [];
  const save = atStandstill(engine.context.store, async () => {
    seen.push(status(one), status(other));
    const late = startContainer(engine.context, other);
    await settle();
    seen.push(status(other));
    return { late };
  });
  await settle();
  expect(seen).toEqual([]);
  engine.machine.gate = null;
  open();
  await starting;
  await (
    await save
  ).late;
  expect(seen).toEqual(['running', 'created', 'created']);
  expect(status(other)).toBe('running');
});

test('a container that is made while a save is taken is not started before it is over', async () => {
  const engine = createTestEngine();
  const seen: string[] = [];
  const { id, starting } = await atStandstill(engine.context.store, async () => {
    const made = engine.create({ Cmd: ['sleep'] }, 'late');
    const starting = startContainer(engine.context, made);
    await settle();
    seen.push(engine.context.store.find(made).state.status);
    return { id: made, starting };
  });
  await starting;
  seen.push(engine.context.store.find(id).state.status);
  expect(seen).toEqual(['created', 'running']);
});

test('what a save fails with does not hold the containers', async () => {
  const engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] }, 'one');
  await expect(atStandstill(engine.context.store, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  await startContainer(engine.context, id);
});
