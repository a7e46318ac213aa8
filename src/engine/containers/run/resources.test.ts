import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { startContainer } from '../verbs/start.ts';
import { stopContainer } from '../verbs/stop.ts';

let engine: TestEngine;
/** What is asked of the machine, and the network's events, in order. */
let order: string[];
beforeEach(() => {
  engine = createTestEngine();
  order = [];
  const { processes, files } = engine.machine;
  const [remove, start, write] = [processes.remove.bind(processes), processes.start.bind(processes), files.write.bind(files)];
  processes.remove = (spec) => (order.push('remove'), remove(spec));
  processes.start = (spec) => (order.push('start'), start(spec));
  files.write = (changes) => (order.push('write'), write(changes));
  engine.log.onAppend((entry) => {
    if (entry.kind === 'event' && entry.type === 'network') order.push(entry.action);
  });
});

const heldBy = (id: string, { context } = engine): number => context.store.find(id).held.length;
const create = () => engine.create({ Cmd: ['sleep'], HostConfig: { Binds: ['/made:/x'] } });

describe('what a run needs', () => {
  it('is acquired in order and released in reverse', async () => {
    const id = create();
    await startContainer(engine.context, id);
    expect(order).toEqual(['write', 'start', 'connect']);
    await stopContainer(engine.context, id, {});
    expect(order.slice(3)).toEqual(['remove', 'disconnect', 'write']);
    expect(heldBy(id)).toBe(0);
  });

  it.each([
    ['createBridge', ['write']],
    ['write', ['write']],
    // As with Docker: it is told to leave a network that it was never told to be on.
    ['start', ['write', 'start', 'remove', 'disconnect']],
  ])('is given back when the start fails at %s, as far as it was had', async (call, expected) => {
    engine.machine.failures.set(call, new AppError('internal', 'no memory'));
    const id = create();
    await expect(startContainer(engine.context, id)).rejects.toThrow('no memory');
    expect(order).toEqual(expected);
    expect(heldBy(id)).toBe(0);
    await startContainer(engine.context, id);
  });

  it('is refused where mounts below are to be read-only and not to be', async () => {
    const both = { ReadOnlyNonRecursive: true, ReadOnlyForceRecursive: true };
    const mount = { Type: 'bind', Source: '/made', Target: '/x', ReadOnly: true, BindOptions: both };
    const id = engine.create({ Cmd: ['sleep'], HostConfig: { Mounts: [mount] } });
    await expect(startContainer(engine.context, id)).rejects.toThrow(
      'mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive',
    );
    expect(heldBy(id)).toBe(0);
  });

  it('is held by a container that was restored while it ran, and given back at its end', async () => {
    const id = create();
    await startContainer(engine.context, id);
    const fresh = createTestEngine();
    const copy = { ...fresh, context: { ...fresh.context, runtime: engine.machine } };
    restoreEngine(copy, JSON.parse(JSON.stringify(snapshotEngine(engine))));
    expect(heldBy(id, copy)).toBe(heldBy(id));
    await stopContainer(copy.context, id, {});
    expect(heldBy(id, copy)).toBe(0);
    expect(copy.context.networks.store.find('bridge').leases.size).toBe(0);
    expect(copy.context.store.find(id).state.status).toBe('exited');
  });

  it('is cleared away before the next start where a release failed, also after a restore', async () => {
    const id = create();
    await startContainer(engine.context, id);
    engine.machine.failures.set('remove', new AppError('internal', 'busy'));
    await stopContainer(engine.context, id, {});
    const fresh = createTestEngine();
    const copy = { ...fresh, context: { ...fresh.context, runtime: engine.machine } };
    restoreEngine(copy, JSON.parse(JSON.stringify(snapshotEngine(engine))));
    order = [];
    await startContainer(copy.context, id);
    expect(order).toEqual(['write', 'remove', 'start']);
  });
});
