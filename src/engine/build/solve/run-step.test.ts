import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { fromUtf8 } from '../../../base/bytes.ts';
import { listContainers } from '../../containers/view/list.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { runStep, type StepContext, type StepRequest } from './run-step.ts';

let engine: TestEngine;
let output: string;
beforeEach(() => {
  engine = createTestEngine();
  output = '';
});

const contextOf = (of: TestEngine): StepContext => ({ ...of.context, steps: of.steps });

const request = (asked: Partial<StepRequest>): StepRequest => ({
  layers: ['b2', 'b1'],
  command: ['true'],
  env: [],
  user: '',
  workingDirectory: '',
  network: 'bridge',
  host: {},
  mounts: [],
  output: ({ data }) => (output += fromUtf8(data)),
  ...asked,
});

const run = (asked: Partial<StepRequest>, signal = new AbortController().signal) => runStep(contextOf(engine), request(asked), signal);

/** What there still is of steps: in the engine's books, and on the machine. */
function left(of: TestEngine = engine) {
  return {
    steps: of.steps.all().length,
    leases: of.context.networks.store.find('bridge').leases.size,
    cgroups: [...of.machine.cgroups].length,
    changing: !of.context.changes.isIdle,
  };
}
const nothing = { steps: 0, leases: 0, cgroups: 0, changing: false };

test('a step runs over its layers with the environment of a build, and no list shows it', async () => {
  const listed: number[] = [];
  engine.machine.programs.set('look', async (process) => {
    const all = { all: true, limit: 0, size: false, filters: {} };
    listed.push((await listContainers(engine.context, all)).length);
    await process.print((process.spec.env ?? []).join(' '));
    return 7;
  });
  const ran = await run({ command: ['look'], env: ['A=1'], user: '7:8', workingDirectory: '/srv' });
  expect(ran.exit.code).toBe(7);
  expect(output).toBe('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin A=1');
  expect(listed).toEqual([0]);
  const [spec] = engine.machine.started;
  expect(spec).toMatchObject({
    hostname: 'buildkitsandbox',
    lowers: ['/init', '/layers/b2', '/layers/b1'],
    process: { user: '7:8', cwd: '/srv' },
  });
  expect(spec?.cgroup).toMatch(/^docker\/buildkit\//);
  expect(engine.events()).toEqual([]);
  await ran.discard();
  expect(left()).toEqual(nothing);
});

test('what it wrote can be moved away once it has ended, and what is left goes with its discard', async () => {
  const ran = await run({});
  expect(ran.written).toEqual({ container: engine.machine.started[0]?.id, upper: engine.machine.started[0]?.upper, moves: true });
  expect(left()).toEqual({ ...nothing, steps: 1 });
  await ran.discard();
  await ran.discard();
  expect(engine.machine.removed).toEqual([ran.written.container]);
  expect(left()).toEqual(nothing);
});

test('a step that cannot start says what docker run says, and leaves nothing', async () => {
  await expect(run({ command: ['nonesuch'] })).rejects.toThrow(/nonesuch/);
  expect(left()).toEqual(nothing);
});

test('a step that is called off is killed, and leaves nothing', async () => {
  const client = new AbortController();
  const step = run({ command: ['sleep'] }, client.signal);
  await expect.poll(() => engine.machine.alive.length).toBe(1);
  client.abort(new AppError('cancelled', 'the client is gone'));
  await expect(step).rejects.toThrow('the client is gone');
  expect(engine.machine.alive).toEqual([]);
  expect(left()).toEqual(nothing);
});

test('a step that waits for its turn when it is called off never begins', async () => {
  const client = new AbortController();
  const waits = Array.from({ length: 8 }, () => engine.context.turns.containers.run(() => new Promise<void>(() => undefined)));
  expect(waits).toHaveLength(8);
  const step = run({}, client.signal);
  client.abort(new AppError('cancelled', 'the client is gone'));
  await expect(step).rejects.toThrow('the client is gone');
  expect(engine.machine.started).toEqual([]);
  expect(left()).toEqual(nothing);
});

test('a machine that was saved in the middle of a step has nothing of it after a restore', async () => {
  const step = run({ command: ['sleep'] });
  await expect.poll(() => engine.machine.alive.length).toBe(1);
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
  const fresh = createTestEngine();
  const copy = { ...fresh, context: { ...fresh.context, runtime: engine.machine }, machine: engine.machine };
  restoreEngine(copy, saved);
  await expect.poll(() => left(copy)).toEqual(nothing);
  expect(engine.machine.alive).toEqual([]);
  expect(await step).toMatchObject({ exit: { signal: 9 } });
});

test('a step whose engine was restored under it leaves the restored machine alone', async () => {
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
  const client = new AbortController();
  const step = run({ command: ['sleep'] }, client.signal);
  await expect.poll(() => engine.machine.alive.length).toBe(1);
  restoreEngine(engine, saved);
  client.abort(new AppError('cancelled', 'the engine was restored'));
  await expect(step).rejects.toThrow('the engine was restored');
  expect(engine.machine.removed).toEqual([]);
  expect(engine.machine.alive).toHaveLength(1);
});
