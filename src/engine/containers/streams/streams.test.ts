import { beforeEach, describe, expect, it } from 'vitest';
import { utf8, fromUtf8 } from '../../../base/bytes.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, readSession, type TestEngine } from '../../testing/engine.ts';
import { attachToContainer, type AttachOptions } from '../verbs/attach.ts';
import type { LogRecord } from '../log/log-chunk.ts';
import { readLogs } from '../verbs/logs.ts';
import { startContainer } from '../verbs/start.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const attach = (id: string, options: Partial<AttachOptions> = {}) =>
  attachToContainer(engine.context, id, { stdin: true, stdout: true, stderr: true, logs: false, stream: true, ...options });

async function run(body: Readonly<Record<string, unknown>>): Promise<string> {
  const id = engine.create(body);
  await startContainer(engine.context, id);
  return id;
}

const linesOf = (batch: readonly LogRecord[] | null): string => (batch ?? []).map(({ data }) => fromUtf8(data)).join('');

async function allLogs(id: string): Promise<string> {
  const { records } = readLogs(engine.context, id, { stdout: true, stderr: true, follow: false });
  let text = '';
  for (let batch = await records.read(); batch !== null; batch = await records.read()) text += linesOf(batch);
  return text;
}

describe('attach', () => {
  it('gives every client all output, each stream on its own, and only what it asked for', async () => {
    engine.machine.programs.set('both', async (process) => {
      await process.print('out\n');
      await process.complain('err\n');
    });
    const id = engine.create({ Cmd: ['both'] });
    const [first, second] = [attach(id), attach(id, { stdout: false })];
    await startContainer(engine.context, id);
    expect(await readSession(first)).toEqual({ stdout: 'out\n', stderr: 'err\n' });
    expect(await readSession(second)).toEqual({ stdout: '', stderr: 'err\n' });
  });

  it('passes input on, also what came before the start, and its end with StdinOnce', async () => {
    const id = engine.create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true });
    const session = attach(id);
    await session.input?.write(utf8('early '));
    await startContainer(engine.context, id);
    await session.input?.write(utf8('late'));
    await session.input?.close();
    expect(await readSession(session)).toEqual({ stdout: 'early late', stderr: '' });
  });

  it('without StdinOnce ends the session at the end of input, and the process reads on', async () => {
    const id = await run({ Cmd: ['cat'], OpenStdin: true });
    const first = attach(id);
    await first.input?.close();
    expect(await readSession(first)).toEqual({ stdout: '', stderr: '' });
    expect(engine.events().at(-1)).toBe('detach');
    const second = attach(id);
    await second.input?.write(utf8('still here'));
    expect(fromUtf8((await second.output.read())?.data ?? new Uint8Array())).toBe('still here');
  });

  it('has no input where stdin is not open', async () => {
    expect(attach(await run({ Cmd: ['sleep'] })).input).toBeNull();
  });

  it('refuses input once the process is gone', async () => {
    const id = await run({ Cmd: ['cat'], OpenStdin: true });
    const session = attach(id);
    engine.machine.processOf(id).exit(0);
    await settle();
    await expect(session.input?.write(utf8('x'))).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('detached leaves the process running, and the engine says so once', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const session = attach(id);
    session.detach();
    session.detach();
    expect(await readSession(session)).toEqual({ stdout: '', stderr: '' });
    expect(engine.machine.processOf(id).running).toBe(true);
    expect(engine.events().filter((event) => event === 'detach')).toHaveLength(1);
  });

  it('detached after the end says nothing', async () => {
    const id = engine.create({ Cmd: ['true'] });
    const session = attach(id);
    await startContainer(engine.context, id);
    await readSession(session);
    session.detach();
    expect(engine.events()).not.toContain('detach');
  });

  it('with logs starts with what was said before; without stream it ends there', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await engine.machine.processOf(id).print('earlier\n');
    await settle();
    expect(await readSession(attach(id, { logs: true, stream: false }))).toEqual({ stdout: 'earlier\n', stderr: '' });
    const session = attach(id, { logs: true });
    await engine.machine.processOf(id).print('later\n');
    engine.machine.processOf(id).exit(0);
    expect(await readSession(session)).toEqual({ stdout: 'earlier\nlater\n', stderr: '' });
  });

  it('holds the process back for a slow client and loses nothing', async () => {
    const block = new Uint8Array(64 * 1024);
    let written = 0;
    engine.machine.programs.set('flood', async (process) => {
      for (; written < 64; written += 1) await process.print(block);
    });
    const id = engine.create({ Cmd: ['flood'] });
    const session = attach(id);
    await startContainer(engine.context, id);
    await settle();
    expect(written).toBeLessThan(16);
    let bytes = 0;
    for (let chunk = await session.output.read(); chunk !== null; chunk = await session.output.read()) bytes += chunk.data.length;
    expect(bytes).toBe(64 * block.length);
  });

  it('lets a stalled client that goes away hold nobody back any more', async () => {
    const block = new Uint8Array(64 * 1024);
    engine.machine.programs.set('flood', async (process) => {
      for (let count = 0; count < 64; count += 1) await process.print(block);
    });
    const id = engine.create({ Cmd: ['flood'] });
    const session = attach(id);
    await startContainer(engine.context, id);
    await settle();
    session.detach();
    await settle();
    await settle();
    expect(engine.context.store.find(id).state.status).toBe('exited');
  });

  it('does not keep a container from ending while a client has not read all', async () => {
    engine.machine.programs.set('burst', (process) => process.print(new Uint8Array(200 * 1024)).then(() => 0));
    const id = engine.create({ Cmd: ['burst'] });
    const session = attach(id);
    await startContainer(engine.context, id);
    await settle();
    expect(engine.context.store.find(id).state.status).toBe('exited');
    expect((await readSession(session)).stdout).toHaveLength(200 * 1024);
  });
});

describe('logs', () => {
  it('are not kept by the driver none, and as much of them as max-size and max-file say by json-file', async () => {
    const none = await run({ Cmd: ['echo', 'gone'], HostConfig: { LogConfig: { Type: 'none' } } });
    await expect(allLogs(none)).rejects.toMatchObject({
      kind: 'not_implemented',
      message: 'configured logging driver does not support reading',
    });
    engine.machine.programs.set('lines', async (process) => {
      for (let line = 0; line < 100; line += 1) await process.print(`${line}\n`.padStart(36));
    });
    const LogConfig = { Type: 'json-file', Config: { 'max-size': '1k', 'max-file': '2' } };
    const little = await run({ Cmd: ['lines'], HostConfig: { LogConfig } });
    await settle();
    const kept = await allLogs(little);
    expect(kept.endsWith('99\n')).toBe(true);
    expect(kept.length).toBeLessThan(1000);
  });

  it('keep what was written, whoever was attached, by the line', async () => {
    const id = await run({ Cmd: ['echo', 'kept'] });
    await settle();
    expect(await allLogs(id)).toBe('kept\n');
  });

  it('go on over a restart of the container', async () => {
    const id = await run({ Cmd: ['echo', 'again'] });
    await settle();
    await startContainer(engine.context, id);
    await settle();
    expect(await allLogs(id)).toBe('again\nagain\n');
  });

  it('followed end with the run', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const { records, tty } = readLogs(engine.context, id, { stdout: true, stderr: true, follow: true });
    const process = engine.machine.processOf(id);
    await process.print('one\ntw');
    expect(tty).toBe(false);
    expect(linesOf(await records.read())).toBe('one\n');
    process.exit(0);
    expect(linesOf(await records.read())).toBe('tw');
    expect(await records.read()).toBeNull();
  });

  it('followed until a moment end at it, though nothing is said', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const until = engine.clock.now() + 5_000_000_000n;
    const { records } = readLogs(engine.context, id, { stdout: true, stderr: true, follow: true, until });
    const next = records.read();
    await engine.clock.advance(5000);
    expect(await next).toBeNull();
  });

  it('followed of a stopped container are only what there is', async () => {
    const id = await run({ Cmd: ['echo', 'over'] });
    await settle();
    const { records } = readLogs(engine.context, id, { stdout: true, stderr: true, follow: true });
    expect(await records.read()).not.toBeNull();
    expect(await records.read()).toBeNull();
  });
});
