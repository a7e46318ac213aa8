import { expect, test } from 'vitest';
import { overlayDirectories } from './containers/context.ts';
import { GuestLayerHost } from './layer-host.ts';
import { settle } from './testing/clock.ts';
import { createTestEngine } from './testing/engine.ts';

function setUp() {
  const { context, machine } = createTestEngine();
  const { runtime, next, changes, random, host } = context;
  const trees = new Set<string>();
  const layers = new GuestLayerHost({
    trees: { add: (name) => void trees.add(name), remove: (name) => void trees.delete(name) },
    ...{ runtime, next, changes, random, host },
  });
  machine.uppers.set('/data/overlay2/c/diff', new Map([['/new', 'text']]));
  const keep = (moves: boolean) => layers.keep({ container: 'c', upper: '/data/overlay2/c/diff', moves });
  return { context, machine, layers, trees, keep };
}

test('a layer on the disk is a copy, or what the container wrote itself where it is gone', async () => {
  const { machine, keep } = setUp();
  const copy = await keep(false);
  expect(copy).toMatch(/^\/data\/layers\/[0-9a-f]{16}$/);
  expect([...machine.uppers.keys()]).toEqual(['/data/overlay2/c/diff', copy]);
  const moved = await keep(true);
  expect([...machine.uppers.keys()]).toEqual([copy, moved]);
});

test('one that nobody needs goes behind, and what the guest has ready on it before', async () => {
  const { context, machine, layers, keep } = setUp();
  const directory = await keep(true);
  const id = context.next.draw([directory, 'below']);
  const { upper } = overlayDirectories(context.host, id);
  machine.uppers.set(upper, new Map());
  layers.remove(directory);
  expect(layers.going()).toEqual([directory]);
  await settle();
  expect([...machine.uppers.keys()]).toEqual([]);
  expect(machine.removed).toEqual([id]);
  expect([layers.going(), context.next.snapshot()]).toEqual([[], null]);
});

test('one that was to go when the machine was saved goes after the restore, and one that could not be removed then', async () => {
  const { context, machine, layers, keep } = setUp();
  const [one, other] = [await keep(false), await keep(true)];
  let release = (): void => undefined;
  context.changes.holdUntil(new Promise((resolve) => (release = resolve)));
  layers.remove(one);
  await settle();
  const saved = layers.going();
  expect([saved, machine.uppers.has(one)]).toEqual([[one], true]);
  layers.resume([other]);
  release();
  await settle();
  expect([machine.uppers.has(one), machine.uppers.has(other)]).toEqual([false, false]);
  layers.resume(saved);
  expect(layers.going()).toEqual([one]);
  await settle();
  expect(layers.going()).toEqual([]);
});
