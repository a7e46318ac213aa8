import { beforeEach, describe, expect, it } from 'vitest';
import { execConfigSchema } from '../protocol/engine-api.ts';
import { Background, unlessAborted } from './background.ts';
import type { Container } from './containers/container.ts';
import { abandonContainer } from './containers/run/abandon.ts';
import { createExec, startExec } from './containers/verbs/exec.ts';
import { readLogs } from './containers/verbs/logs.ts';
import { removeByReference } from './containers/verbs/remove.ts';
import { startContainer } from './containers/verbs/start.ts';
import { waitForContainer } from './containers/verbs/wait.ts';
import { containerStats } from './containers/view/stats.ts';
import { settle } from './testing/clock.ts';
import { createTestEngine, readSession, type TestEngine } from './testing/engine.ts';

describe('background work', () => {
  it('ends with its owner, and is called off one by one', async () => {
    const background = new Background();
    const never = (signal: AbortSignal) => unlessAborted(new Promise<void>(() => undefined), signal).then(() => undefined);
    const first = background.start('first', never);
    background.start('second', never);
    background.start('brief', () => Promise.resolve());
    await settle();
    expect(background.running).toEqual(['first', 'second']);
    first.abort();
    await settle();
    expect(background.running).toEqual(['second']);
    background.end();
    expect(background.start('late', never).signal.aborted).toBe(true);
    await settle();
    expect(background.running).toEqual([]);
  });
});

describe('of a container', () => {
  let engine: TestEngine;
  let busy: Container;
  let restarting: Container;
  const ended: string[] = [];

  beforeEach(async () => {
    engine = createTestEngine();
    ended.length = 0;
    const { context } = engine;
    busy = context.store.find(engine.create({ Cmd: ['sleep'] }, 'busy'));
    restarting = context.store.find(engine.create({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } }, 'restarting'));
    for (const { id } of [busy, restarting]) await startContainer(context, id);
    const exec = createExec(context, 'busy', execConfigSchema.parse({ Cmd: ['sleep'] })).Id;
    await startExec(context, exec, { detach: true, tty: false, consoleSize: null });
    const stats = containerStats(context, 'busy', { stream: true, oneShot: false });
    const followed = readLogs(context, 'busy', { stdout: true, stderr: true, follow: true, until: context.clock.now() + 10n ** 15n });
    const note = (what: string) => () => void ended.push(what);
    await stats.read();
    void stats.read().then(note('stats'), note('stats failed'));
    void followed.records.read().then(note('logs'), note('logs failed'));
    void waitForContainer(context, 'busy', 'removed', new AbortController().signal).exit.then(note('wait'), note('wait failed'));
    await settle();
    expect(busy.background.running.sort()).toEqual(['logs until', 'stats']);
    expect(busy.followed.running).toEqual(['run', 'exec']);
    expect(restarting.background.running).toEqual(['restart']);
    expect(engine.clock.next).not.toBeNull();
  });

  const expectNothingLeft = async (): Promise<void> => {
    await settle();
    expect([busy, restarting].flatMap(({ background, followed }) => [...background.running, ...followed.running])).toEqual([]);
    expect(engine.clock.next).toBeNull();
    expect(ended.sort()).toEqual(['logs', 'stats', 'wait']);
  };

  it('nothing is left when it is removed', async () => {
    for (const name of ['busy', 'restarting']) await removeByReference(engine.context, name, { force: true, volumes: false, link: false });
    await expectNothingLeft();
  });

  it('what a killed exec had said reaches its client, though its container is removed at once', async () => {
    const exec = createExec(engine.context, 'busy', execConfigSchema.parse({ Cmd: ['sleep'], AttachStdout: true })).Id;
    const session = await startExec(engine.context, exec, { detach: false, tty: false, consoleSize: null });
    await session?.begin();
    void engine.machine.lastExec.print('last words').catch(() => undefined);
    await removeByReference(engine.context, 'busy', { force: true, volumes: false, link: false });
    expect(session && (await readSession(session)).stdout).toBe('last words');
  });

  it('nothing is left when the engine stops, and the guest is left alone', async () => {
    for (const container of engine.context.store.all()) abandonContainer(engine.clock, container, 'the engine was stopped');
    await expectNothingLeft();
    expect(engine.machine.processOf(busy.id).running).toBe(true);
    expect(engine.machine.started).toHaveLength(2);
  });
});
