import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { inspectContainer } from '../view/inspect.ts';
import { topContainer } from '../view/top.ts';
import { pauseContainer } from '../verbs/pause.ts';
import { startContainer } from '../verbs/start.ts';
import { stopContainer } from '../verbs/stop.ts';
import { unpauseContainer } from '../verbs/unpause.ts';
import { updateContainer } from '../verbs/update.ts';
import { waitForContainer } from '../verbs/wait.ts';
import { updateContainerSchema } from '../../../protocol/engine-api.ts';

let engine: TestEngine;
const restarts = (Name: string) => ({ HostConfig: { RestartPolicy: { Name } } });
const inspect = (id: string) => inspectContainer(engine.context, id, { size: false });

async function run(body: Readonly<Record<string, unknown>>): Promise<string> {
  const id = engine.create(body);
  await startContainer(engine.context, id);
  await settle();
  return id;
}

beforeEach(() => {
  engine = createTestEngine();
});

describe('a container that fails again and again', () => {
  it('waits 100 ms, twice as long each time, and never more than a minute', async () => {
    await run({ Cmd: ['false'], ...restarts('always') });
    const waits: (number | null)[] = [];
    for (let attempt = 0; attempt < 13; attempt++) {
      waits.push(engine.clock.next);
      await engine.clock.advance(engine.clock.next ?? 0);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000]);
  });

  it('has its restart counted as soon as it is decided', async () => {
    const id = await run({ Cmd: ['false'], ...restarts('always') });
    expect(await inspect(id)).toMatchObject({ RestartCount: 1, State: { Restarting: true, Running: true, ExitCode: 1, Pid: 0 } });
    await engine.clock.advance(100);
    expect((await inspect(id)).RestartCount).toBe(2);
    await stopContainer(engine.context, id, {});
    expect(await inspect(id)).toMatchObject({ RestartCount: 2, State: { Status: 'exited', ExitCode: 1 } });
  });

  it("answers as a running one whose process is not there, in Docker's words", async () => {
    const id = await run({ Cmd: ['false'], ...restarts('always') });
    const restarting = `Container ${id} is restarting, wait until the container is running`;
    await expect(pauseContainer(engine.context, id)).rejects.toMatchObject({ kind: 'conflict', message: restarting });
    await expect(unpauseContainer(engine.context, id)).rejects.toThrow(`Container ${id} is not paused`);
    await expect(topContainer(engine.context, id, '')).rejects.toMatchObject({ kind: 'conflict', message: restarting });
    expect((await inspect(id)).State.Status).toBe('restarting');
  });

  it('ends a wait at every end of its process', async () => {
    const id = await run({ Cmd: ['exit', '4'], ...restarts('always') });
    const { exit } = waitForContainer(engine.context, id, 'not-running', new AbortController().signal);
    await engine.clock.advance(100);
    expect(await exit).toEqual({ StatusCode: 4 });
    expect((await inspect(id)).State.Status).toBe('restarting');
  });

  it('comes once more after an update took its policy away, and stays down then', async () => {
    const id = await run({ Cmd: ['false'], ...restarts('always') });
    await updateContainer(engine.context, id, updateContainerSchema.parse({ RestartPolicy: { Name: 'no' } }));
    expect((await inspect(id)).State.Status).toBe('restarting');
    await engine.clock.advance(100);
    expect(await inspect(id)).toMatchObject({ RestartCount: 1, State: { Status: 'exited', Restarting: false } });
    expect(engine.machine.started).toHaveLength(2);
  });
});
