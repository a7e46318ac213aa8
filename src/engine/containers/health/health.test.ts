import { describe, expect, it } from 'vitest';
import { createContainerSchema } from '../../../protocol/engine-api.ts';
import type { TestProcess } from '../../testing/process.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { killContainer } from '../verbs/kill.ts';
import { pauseContainer } from '../verbs/pause.ts';
import { removeByReference } from '../verbs/remove.ts';
import { startContainer } from '../verbs/start.ts';
import { stopContainer } from '../verbs/stop.ts';
import { unpauseContainer } from '../verbs/unpause.ts';
import { inspectContainer } from '../view/inspect.ts';
import { listContainers } from '../view/list.ts';
import { afterProbe, healthCheckOf, nextProbe, startedHealth, type Health, type HealthCheck } from './health.ts';

const second = 1e9;
const result = (exitCode: number) => ({ start: 's', end: 'e', exitCode, output: '' });

function checkOf(health: Readonly<Record<string, unknown>>, shell?: readonly string[]): HealthCheck {
  const check = healthCheckOf(createContainerSchema.parse({ Healthcheck: { Test: ['CMD', 'probe'], ...health }, Shell: shell }));
  if (check === null) throw new Error('no check');
  return check;
}

describe('a health check', () => {
  it('has the defaults of Docker', () => {
    expect(checkOf({})).toEqual({
      command: ['probe'],
      interval: 30_000,
      timeout: 30_000,
      startPeriod: 0,
      startInterval: 5_000,
      retries: 3,
    });
  });

  it('by CMD-SHELL is what the shell of the image runs', () => {
    expect(checkOf({ Test: ['CMD-SHELL', 'test -f /ok'] }).command).toEqual(['/bin/sh', '-c', 'test -f /ok']);
    expect(checkOf({ Test: ['CMD-SHELL', 'true'] }, ['/bin/ash', '-ec']).command).toEqual(['/bin/ash', '-ec', 'true']);
  });

  it.each([[['NONE']], [[]], [['other', 'x']]])('of %j is none', (test) => {
    expect(healthCheckOf(createContainerSchema.parse({ Healthcheck: { Test: test } }))).toBeNull();
  });

  it('is unhealthy after so many failures in a row, and healthy after one success', () => {
    const check = checkOf({ Retries: 2 });
    let health: Health = startedHealth(null);
    health = afterProbe(health, result(1), check, 1000);
    expect(health).toMatchObject({ status: 'starting', failingStreak: 1 });
    health = afterProbe(health, result(-1), check, 2000);
    expect(health).toMatchObject({ status: 'unhealthy', failingStreak: 2 });
    health = afterProbe(health, result(0), check, 3000);
    expect(health).toMatchObject({ status: 'healthy', failingStreak: 0 });
    expect(afterProbe(health, result(1), check, 4000)).toMatchObject({ status: 'healthy', failingStreak: 1 });
  });

  it('does not count failures within the start period, unless it was healthy before', () => {
    const check = checkOf({ Retries: 1, StartPeriod: 10 * second });
    const starting = startedHealth(null);
    expect(afterProbe(starting, result(1), check, 9_999)).toMatchObject({ status: 'starting', failingStreak: 0 });
    expect(afterProbe(starting, result(1), check, 10_000)).toMatchObject({ status: 'unhealthy', failingStreak: 1 });
    expect(afterProbe(afterProbe(starting, result(0), check, 1), result(1), check, 2)).toMatchObject({ status: 'unhealthy' });
  });

  it('is made at the start interval until the first success within the start period', () => {
    const check = checkOf({ Interval: 60 * second, StartInterval: 2 * second, StartPeriod: 10 * second });
    const starting = startedHealth(null);
    expect(nextProbe(check, starting, 0)).toBe(2_000);
    expect(nextProbe(check, starting, 10_000)).toBe(60_000);
    expect(nextProbe(check, { ...starting, status: 'healthy' }, 0)).toBe(60_000);
  });

  it('keeps five results', () => {
    let health = startedHealth(null);
    for (let code = 0; code < 8; code += 1) health = afterProbe(health, result(code), checkOf({}), 0);
    expect(health.log.map(({ exitCode }) => exitCode)).toEqual([3, 4, 5, 6, 7]);
  });
});

interface Watched {
  readonly engine: TestEngine;
  readonly id: string;
  /** Of the next probes. */
  readonly outcome: { run: (process: TestProcess) => Promise<number> | number };
}

async function watched(
  { health = {}, ...body }: Readonly<Record<string, unknown>> & { readonly health?: object } = {},
  engine: TestEngine = createTestEngine(),
): Promise<Watched> {
  const outcome: Watched['outcome'] = { run: () => 0 };
  engine.machine.programs.set('probe', (process) => outcome.run(process));
  const Healthcheck = { Test: ['CMD', 'probe', 'a b'], Interval: second, Timeout: second, Retries: 2, ...health };
  const id = engine.create({ Cmd: ['sleep'], Healthcheck, ...body }, 'web');
  expect((await inspectContainer(engine.context, id, { size: false })).State.Health).toBeUndefined();
  await startContainer(engine.context, id);
  return { engine, id, outcome };
}

const healthOf = async ({ engine, id }: Pick<Watched, 'engine' | 'id'>) =>
  (await inspectContainer(engine.context, id, { size: false })).State.Health;
const statusOf = async ({ engine }: Pick<Watched, 'engine'>, filters = {}) =>
  (await listContainers(engine.context, { all: true, limit: 0, size: false, filters })).map(({ Status }) => Status);
const hang = (): Promise<number> => new Promise(() => undefined);

describe('a container with a health check', () => {
  it('is starting until a probe says more, each probe an exec with its events', async () => {
    const web = await watched();
    const { engine } = web;
    expect(await healthOf(web)).toEqual({ Status: 'starting', FailingStreak: 0, Log: [] });
    expect(await statusOf(web)).toEqual(['Up Less than a second (health: starting)']);
    expect(await statusOf(web, { health: ['starting'] })).toHaveLength(1);
    expect(await statusOf(web, { health: ['none'] })).toHaveLength(0);
    web.outcome.run = (process) =>
      process
        .print('fine\n')
        .then(() => process.complain('really\n'))
        .then(() => 0);
    await engine.clock.advance(999);
    expect((await healthOf(web))?.Log).toEqual([]);
    await engine.clock.advance(1);
    expect(await healthOf(web)).toMatchObject({ Status: 'healthy', FailingStreak: 0, Log: [{ ExitCode: 0, Output: 'fine\nreally\n' }] });
    expect(await statusOf(web)).toEqual(['Up 1 second (healthy)']);
    expect(await statusOf(web, { health: ['healthy'] })).toHaveLength(1);
    expect(engine.events().slice(-4)).toEqual([
      'exec_create: probe a b',
      'exec_start: probe a b',
      'exec_die exitCode=0',
      'health_status: healthy',
    ]);
    await engine.clock.advance(1000);
    expect(engine.events().filter((event) => event.startsWith('health_status'))).toEqual(['health_status: healthy']);
    expect(engine.context.store.find(web.id).execs.size).toBe(0);
  });

  it('becomes unhealthy, and says when', async () => {
    const web = await watched();
    web.outcome.run = () => 3;
    await web.engine.clock.advance(1000);
    expect(await healthOf(web)).toMatchObject({ Status: 'starting', FailingStreak: 1, Log: [{ ExitCode: 3 }] });
    await web.engine.clock.advance(1000);
    expect(await healthOf(web)).toMatchObject({ Status: 'unhealthy', FailingStreak: 2 });
    expect(web.engine.events().at(-1)).toBe('health_status: unhealthy');
  });

  it('that has not the program fails in the words of the runtime', async () => {
    const web = await watched({ health: { Test: ['CMD', 'nope'] } });
    await web.engine.clock.advance(1000);
    expect((await healthOf(web))?.Log).toMatchObject([
      {
        ExitCode: -1,
        Output: 'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH',
      },
    ]);
  });

  it('kills a probe that takes too long, and tells what it said', async () => {
    const web = await watched({ health: { Timeout: 1_500_000_000 } });
    web.outcome.run = (process) => process.print('so far').then(hang);
    await web.engine.clock.advance(1000);
    const { lastExec } = web.engine.machine;
    await web.engine.clock.advance(1499);
    expect(lastExec.running).toBe(true);
    await web.engine.clock.advance(1);
    expect(lastExec.signals).toEqual([9]);
    expect((await healthOf(web))?.Log).toMatchObject([{ ExitCode: -1, Output: 'Health check exceeded timeout (1.5s): so far' }]);
    web.outcome.run = hang;
    await web.engine.clock.advance(2500);
    expect((await healthOf(web))?.Log.at(-1)).toMatchObject({ Output: 'Health check exceeded timeout (1.5s)' });
    expect(web.engine.events()).toContain('exec_die exitCode=137');
  });

  it('keeps 4096 bytes of what a probe says, and reads the rest', async () => {
    const web = await watched();
    web.outcome.run = async (process) => {
      for (let line = 0; line < 200; line += 1) await process.print(`${'x'.repeat(4999)}\n`);
      return 0;
    };
    await web.engine.clock.advance(1000);
    await settle();
    const [first] = (await healthOf(web))?.Log ?? [];
    expect(first?.ExitCode).toBe(0);
    expect(first?.Output).toBe(`${'x'.repeat(4096)}...`);
  });

  it('is not looked at while it is paused, which Docker calls unhealthy without an event', async () => {
    const web = await watched();
    const { engine, id } = web;
    await engine.clock.advance(1000);
    await pauseContainer(engine.context, id);
    expect((await healthOf(web))?.Status).toBe('unhealthy');
    expect(await statusOf(web)).toEqual(['Up 1 second (Paused)']);
    const before = engine.events().length;
    await engine.clock.advance(10_000);
    expect(engine.events()).toHaveLength(before);
    await unpauseContainer(engine.context, id);
    await engine.clock.advance(1000);
    expect(engine.events().at(-1)).toBe('health_status: healthy');
  });

  it('that stops is looked at no more, and its probe is killed', async () => {
    const web = await watched();
    const { engine, id } = web;
    web.outcome.run = hang;
    await engine.clock.advance(1000);
    const probe = engine.machine.lastExec;
    await stopContainer(engine.context, id, {});
    await settle();
    expect(probe.running).toBe(false);
    expect(await healthOf(web)).toMatchObject({ Status: 'unhealthy', Log: [] });
    const before = engine.events().length;
    await engine.clock.advance(100_000);
    expect(engine.events()).toHaveLength(before);
    expect(engine.clock.next).toBeNull();
  });

  it('starts anew with each start, the results before in its log', async () => {
    const web = await watched({ HostConfig: { RestartPolicy: { Name: 'always' } } });
    const { engine, id } = web;
    await engine.clock.advance(1000);
    engine.machine.processOf(id).exit(1);
    await settle();
    await engine.clock.advance(100);
    expect(await healthOf(web)).toMatchObject({ Status: 'starting', FailingStreak: 0, Log: [{ ExitCode: 0 }] });
    await engine.clock.advance(1000);
    expect((await healthOf(web))?.Log).toHaveLength(2);
    await removeByReference(engine.context, id, { force: true, volumes: false, link: false });
    expect(engine.clock.next).toBeNull();
  });

  it('that cannot start has no health', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['nope'], Healthcheck: { Test: ['CMD', 'true'] } });
    await expect(startContainer(engine.context, id)).rejects.toThrow('not found');
    expect(await healthOf({ engine, id })).toBeUndefined();
  });

  it('is looked at again after a restore, and a probe that was under way is killed', async () => {
    const web = await watched();
    const { engine, id } = web;
    await engine.clock.advance(1000);
    web.outcome.run = hang;
    await engine.clock.advance(1000);
    const probe = engine.machine.lastExec;
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    const before = await healthOf(web);
    engine.context.store.find(id).background.end();
    const fresh = createTestEngine();
    const copy = { ...fresh, machine: engine.machine, context: { ...fresh.context, runtime: engine.machine } };
    restoreEngine(copy, saved);
    expect(await healthOf({ engine: copy, id })).toEqual(before);
    await settle();
    expect(probe.signals).toContain(9);
    web.outcome.run = (process) => process.print('again').then(() => 0);
    await copy.clock.advance(1000);
    expect((await healthOf({ engine: copy, id }))?.Log.at(-1)).toMatchObject({ ExitCode: 0, Output: 'again' });
    await killContainer(copy.context, id, 'KILL');
    await settle();
    expect((await healthOf({ engine: copy, id }))?.Status).toBe('unhealthy');
  });

  it('takes what is not said from its image', () => {
    const engine = createTestEngine();
    const id = engine.create({ Image: 'checked', Healthcheck: { Interval: 5 * second, Retries: 0 } });
    const own = engine.create({ Image: 'checked', Healthcheck: { Test: ['NONE'] } });
    expect(engine.context.store.find(id).config.Healthcheck).toEqual({ Test: ['CMD', 'true'], Interval: 5 * second, Retries: 7 });
    expect(engine.context.store.find(own).config.Healthcheck).toMatchObject({ Test: ['NONE'], Retries: 7 });
  });
});
