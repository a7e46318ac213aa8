import { beforeEach, expect, it } from 'vitest';
import { createDeferred } from '../../../base/deferred.ts';
import { AppError } from '../../../base/errors.ts';
import { execConfigSchema } from '../../../protocol/engine-api.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { createExec, startExec } from './exec.ts';
import { killContainer } from './kill.ts';
import { removeByReference } from './remove.ts';
import { startContainer } from './start.ts';
import { stopContainer } from './stop.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const remove = (id: string, force: boolean) => removeByReference(engine.context, id, { force, volumes: false, link: false });
const runs = (id: string): boolean => engine.context.store.find(id).state.status === 'running';

/** The guest starts nothing until `open`. */
function closedGate(): { open(): Promise<void> } {
  const { promise, resolve } = createDeferred();
  engine.machine.gate = promise;
  return {
    async open() {
      engine.machine.gate = null;
      resolve();
      await settle();
    },
  };
}

/** How many starts the guest has been asked for and has not answered; more than it holds. */
function countStarts(): { readonly most: () => number } {
  const { processes } = engine.machine;
  const start = processes.start.bind(processes);
  let now = 0;
  let most = 0;
  processes.start = async (spec) => {
    now += 1;
    most = Math.max(most, now);
    return start(spec).finally(() => (now -= 1));
  };
  return { most: () => most };
}

it('of 200 starts at once the guest is asked for eight at a time, and all run', async () => {
  const ids = Array.from({ length: 200 }, () => engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: 'none' } }));
  const { most } = countStarts();
  const gate = closedGate();
  const started = ids.map((id) => startContainer(engine.context, id));
  await settle();
  expect(most()).toBe(8);
  await gate.open();
  await Promise.all(started);
  expect(most()).toBe(8);
  expect(ids.filter((id) => !runs(id))).toEqual([]);
  await Promise.all(ids.map((id) => stopContainer(engine.context, id, { timeout: 0 })));
  expect(ids.filter(runs)).toEqual([]);
});

it('a start that fails gives its turn to the next', async () => {
  const ids = Array.from({ length: 9 }, () => engine.create({ Cmd: ['sleep'] }));
  engine.machine.failures.set('start', new AppError('internal', 'no'));
  const outcomes = await Promise.allSettled(ids.map((id) => startContainer(engine.context, id)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 8 }, () => 'fulfilled'), 'rejected']);
});

it('a start that waits for its turn is called off when its container is removed by force; the others go on', async () => {
  const ids = Array.from({ length: 10 }, () => engine.create({ Cmd: ['sleep'] }));
  const gate = closedGate();
  const starts = ids.map((id) => startContainer(engine.context, id));
  await settle();
  const [waiting = '', last = ''] = ids.slice(8);
  await Promise.all([
    expect(starts[8]).rejects.toMatchObject({ kind: 'conflict', message: 'container is marked for removal and cannot be started' }),
    remove(waiting, true),
  ]);
  expect(engine.context.store.byId(waiting)).toBeNull();
  await gate.open();
  await Promise.all([...starts.slice(0, 8), starts[9]]);
  expect(runs(last)).toBe(true);
  expect(engine.machine.started.map(({ id }) => id)).not.toContain(waiting);
});

it('of 200 execs at once all run, eight being started at a time', async () => {
  const id = engine.create({ Cmd: ['sleep'] });
  await startContainer(engine.context, id);
  const { processes } = engine.machine;
  const exec = processes.exec.bind(processes);
  const { promise: opened, resolve: open } = createDeferred();
  let asked = 0;
  processes.exec = async (...args) => {
    asked += 1;
    await opened;
    return exec(...args);
  };
  const config = execConfigSchema.parse({ Cmd: ['sleep'] });
  const execs = Array.from({ length: 200 }, () => createExec(engine.context, id, config).Id);
  const started = execs.map((each) => startExec(engine.context, each, { detach: true, tty: false, consoleSize: null }));
  await settle();
  expect(asked).toBe(8);
  open();
  await Promise.all(started);
  expect(execs.map((each) => engine.context.store.findExec(each).exec.state.status)).toEqual(execs.map(() => 'running'));
});

it('of 80 kills at once eight are under way at a time, and each has its ten seconds once its turn has come', async () => {
  const ids = Array.from({ length: 80 }, () => engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: 'none' } }));
  for (const id of ids) await startContainer(engine.context, id);
  const { processes } = engine.machine;
  const signal = processes.signal.bind(processes);
  const asked: string[] = [];
  processes.signal = (container) => {
    asked.push(container);
    return Promise.resolve();
  };
  const removed = ids.map((id) => remove(id, true));
  // Eight seconds for eight.
  for (let done = 0; done < ids.length;) {
    await settle();
    expect(asked.length).toBe(Math.min(done + 8, ids.length));
    await engine.clock.advance(8000);
    for (; done < asked.length; done += 1) await signal(asked[done] ?? '', 9);
  }
  await Promise.all(removed);
  expect(engine.context.store.all()).toEqual([]);
});

it('a kill has done its work when the process has ended in time, however long it takes to clear away after it', async () => {
  const id = engine.create({ Cmd: ['sleep'] });
  await startContainer(engine.context, id);
  const { promise: cleared, resolve: clear } = createDeferred();
  const { processes } = engine.machine;
  const take = processes.remove.bind(processes);
  processes.remove = async (spec) => {
    await cleared;
    await take(spec);
  };
  const killed = killContainer(engine.context, id, 'KILL');
  await settle();
  await engine.clock.advance(60_000);
  clear();
  await killed;
  expect(runs(id)).toBe(false);
});
