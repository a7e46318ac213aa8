import { beforeEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { readAll } from '../base/streams.ts';
import { decodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, maxRecordBytes, lane, noteKind } from '../protocol/agent.ts';
import { watchExecs, type GuestExec } from './exec-log.ts';
import { Guest } from './guest.ts';
import { withLayers } from './layers.ts';
import { openShell, runLine } from './terminal.ts';
import { AgentStream, TestChannel } from './testing/channel.ts';

let channel: TestChannel;
let guest: Guest;

beforeEach(() => {
  channel = new TestChannel();
  guest = new Guest(channel);
});

const text = async (source: Parameters<typeof readAll>[0]): Promise<string> => fromUtf8(await readAll(source));

describe('a process', () => {
  async function start(process: { readonly tty?: number; readonly openStdin?: number }) {
    channel.agent = (stream) => stream.reply('started', { pid: 7 });
    return guest.processes.start({ id: 'c1', process: { args: ['sh'], ...process } });
  }

  it("is started with the container's record and known by its PID", async () => {
    const process = await start({ openStdin: 1 });
    expect(channel.last.kind).toBe(hostKind.start);
    expect(channel.last.asked('containerSpec')).toMatchObject({ id: 'c1', process: { args: ['sh'], openStdin: 1 } });
    expect(process).toMatchObject({ pid: 7, handle: channel.last.id });
  });

  it('with pipes has three streams', async () => {
    const process = await start({ openStdin: 1 });
    await process.stdin?.write(utf8('in'));
    await process.stdin?.close();
    expect(await text(channel.last.lane(lane.main).source)).toBe('in');
    await channel.last.lane(lane.stdout).sink.write(utf8('out'));
    await channel.last.lane(lane.stderr).sink.write(utf8('err'));
    for (const number of [lane.stdout, lane.stderr]) await channel.last.lane(number).sink.close();
    expect(await text(process.stdout)).toBe('out');
    expect(process.stderr && (await text(process.stderr))).toBe('err');
  });

  it('with a pty has one stream both ways, and a size', async () => {
    const process = await start({ tty: 1, openStdin: 1 });
    expect(process.stderr).toBeNull();
    await channel.last.lane(lane.main).sink.write(utf8('$ '));
    expect(fromUtf8((await process.stdout.read()) ?? new Uint8Array())).toBe('$ ');
    process.resize({ rows: 40, columns: 120 });
    const [note] = channel.last.heard;
    expect(note?.kind).toBe(noteKind.resize);
    expect(decodeRecord('windowSize', note?.record ?? new Uint8Array())).toEqual({ rows: 40, columns: 120 });
  });

  it('without stdin has none, and without a pty no size', async () => {
    const process = await start({});
    process.resize({ rows: 1, columns: 1 });
    expect([process.stdin, channel.last.heard]).toEqual([null, []]);
  });

  it('ends with a code, a signal, or the OOM killer, told before its output is read', async () => {
    for (const [exited, expected] of [
      [{ code: 3 }, { code: 3, signal: 0, oomKilled: false }],
      [{ signal: 15 }, { code: 143, signal: 15, oomKilled: false }],
      [
        { signal: 9, oomKilled: 1 },
        { code: 137, signal: 9, oomKilled: true },
      ],
    ] as const) {
      const process = await start({});
      let killed = 0;
      process.oom(() => (killed += 1));
      if ('oomKilled' in exited) channel.last.note(noteKind.oom, 'empty', {});
      channel.last.note(noteKind.exited, 'exited', exited);
      expect(await process.exited).toEqual(expected);
      expect(killed).toBe('oomKilled' in exited ? 1 : 0);
    }
  });

  it('that cannot start says why, with errno and stage', async () => {
    channel.agent = (stream) =>
      stream.reset(new AppError('not_found', 'exec: "x": executable file not found in $PATH', { detail: { errno: 2, stage: 'lookup' } }));
    await expect(guest.processes.start({ id: 'c1' })).rejects.toMatchObject({ detail: { errno: 2, stage: 'lookup' } });
  });

  it('fails with the link, or when the agent closes before the exit', async () => {
    const lost = await start({});
    channel.last.reset(new AppError('unavailable', 'the guest is gone'));
    await expect(lost.exited).rejects.toMatchObject({ kind: 'unavailable' });
    const forgotten = await start({});
    channel.last.close();
    await expect(forgotten.exited).rejects.toThrow('closed the stream before the exit');
  });

  it('of a saved machine is taken up once, by its stream', async () => {
    const stream = new AgentStream(41, hostKind.start, new Uint8Array());
    channel.restored.push(stream);
    const { processes } = new Guest(channel);
    const process = processes.adopt(41, 9, { tty: false, openStdin: true });
    expect(process).toMatchObject({ handle: 41, pid: 9 });
    stream.note(noteKind.exited, 'exited', { code: 4 });
    expect(await process?.exited).toMatchObject({ code: 4 });
    expect(processes.adopt(41, 9, { tty: false, openStdin: true })).toBeNull();
    expect(processes.adopt(43, 9, { tty: false, openStdin: true })).toBeNull();
  });

  it('of a saved machine that nobody takes up is reset; what was taken up goes on', async () => {
    const [taken, left] = [41, 43].map((id) => new AgentStream(id, hostKind.start, new Uint8Array()));
    for (const stream of [taken, left]) if (stream !== undefined) channel.restored.push(stream);
    const { processes } = new Guest(channel);
    const process = processes.adopt(41, 9, { tty: false, openStdin: false });
    processes.releaseRestored();
    await expect(left?.host.closed).rejects.toMatchObject({ kind: 'cancelled' });
    taken?.note(noteKind.exited, 'exited', { code: 4 });
    expect(await process?.exited).toMatchObject({ code: 4 });
    expect(processes.adopt(43, 9, { tty: false, openStdin: false })).toBeNull();
  });
});

describe('requests', () => {
  beforeEach(() => {
    channel.agent = (stream) => stream.reply('empty', {});
  });

  it('carry what was asked', async () => {
    await guest.processes.signal('c1', 15);
    expect(channel.last.asked('signalSpec')).toMatchObject({ container: 'c1', signal: 15, all: 0 });
    await guest.processes.freeze('c1', true);
    expect(channel.last.asked('freezeSpec')).toEqual({ container: 'c1', frozen: 1 });
    await guest.processes.update('c1', [{ name: 'pids.max', value: '5' }]);
    expect(channel.last.asked('cgroupSpec').files).toEqual([{ name: 'pids.max', value: '5' }]);
    await guest.processes.remove({ container: 'c1', removeFiles: 1 });
    expect(channel.last.asked('deleteSpec')).toMatchObject({ container: 'c1', removeFiles: 1 });
    await guest.networks.createBridge({ bridge: 'docker0', address: '172.17.0.1', prefix: 16 });
    expect(channel.last.asked('networkSpec')).toMatchObject({ bridge: 'docker0', prefix: 16 });
    await guest.files.write({ directories: ['/a'], files: [{ path: '/a/b', mode: 0o600, contents: utf8('x') }], remove: ['/c'] });
    expect(channel.last.asked('writeSpec')).toMatchObject({
      makeDirectories: ['/a'],
      remove: ['/c'],
      files: [{ path: '/a/b', mode: 0o600 }],
    });
  });

  it('fail as the agent failed', async () => {
    channel.agent = (stream) => stream.reset(new AppError('not_found', 'no such process', { detail: { errno: 3 } }));
    await expect(guest.processes.signal('c1', 9)).rejects.toMatchObject({ detail: { errno: 3 } });
  });

  it('of files come back in order, a missing one as an answer', async () => {
    channel.agent = (stream) =>
      stream.reply('inspectReply', {
        results: [{ data: utf8('hello') }, { error: 2 }, { data: utf8('a\0b\0') }, { stat: { mode: 0o100644, size: 5n, ino: 9n } }],
      });
    const [read, missing, list, stat] = await guest.facts.inspect([
      { op: 'read', path: '/a' },
      { op: 'read', path: '/b', pid: 4 },
      { op: 'list', path: '/c' },
      { op: 'lstat', path: '/d' },
    ]);
    expect(channel.last.asked('inspectSpec').items.map(({ op, path, pid }) => [op, path, pid])).toEqual([
      [1, '/a', 0],
      [1, '/b', 4],
      [4, '/c', 0],
      [3, '/d', 0],
    ]);
    expect(read).toMatchObject({ errno: 0, text: 'hello' });
    expect(missing).toMatchObject({ errno: 2, text: '', stat: null });
    expect(list?.names).toEqual(['a', 'b']);
    expect(stat?.stat).toMatchObject({ mode: 0o100644, size: 5, ino: 9 });
  });

  it('of more files than one answer holds are asked in as many as it takes, and a long file comes in pieces', async () => {
    const files = new Map(
      [...Array(1000).keys()].map((number) => [`/f${number}`, utf8(`${number} `.repeat(number === 500 ? 20_000 : 60))]),
    );
    channel.agent = (stream) => {
      let room = 65_536;
      const results = stream.asked('inspectSpec').items.map(({ path, max, offset }) => {
        const whole = files.get(path)?.subarray(Number(offset)) ?? new Uint8Array();
        const data = whole.subarray(0, max);
        if (data.length > room) return { error: 90 };
        room -= data.length;
        return { data };
      });
      stream.reply('inspectReply', { results });
    };
    const answers = await guest.facts.inspect([...files.keys()].map((path) => ({ op: 'read', path })));
    expect(answers.map(({ text: read }) => read)).toEqual([...files.values()].map((bytes) => fromUtf8(bytes)));
    expect((await guest.facts.read('/f500', { max: 70_000 })).bytes).toHaveLength(70_000);
    expect(channel.opened.length).toBeLessThan(30);
  });

  it('with long paths stay small enough to be sent', async () => {
    channel.agent = (stream) => stream.reply('inspectReply', { results: stream.asked('inspectSpec').items.map(() => ({ error: 2 })) });
    const answers = await guest.facts.inspect(Array.from({ length: 100 }, () => ({ op: 'lstat', path: `/${'x'.repeat(4000)}` })));
    expect(answers.every(({ errno }) => errno === 2)).toBe(true);
    expect(Math.max(...channel.opened.map(({ record }) => record.length))).toBeLessThan(65_536);
  });

  it('write more files than fit into one, directories before and removals behind', async () => {
    const files = Array.from({ length: 10 }, (_, number) => ({ path: `/d/${number}`, contents: new Uint8Array(20_000).fill(number) }));
    await guest.files.write({ directories: ['/d'], files, remove: ['/old'] });
    const asked = channel.opened.map((stream) => stream.asked('writeSpec'));
    expect(asked.flatMap((spec) => spec.files.map(({ path }) => path))).toEqual(files.map(({ path }) => path));
    expect(asked.map((spec) => spec.makeDirectories.length)).toEqual([1, ...asked.slice(1).map(() => 0)]);
    expect(asked.map((spec) => spec.remove.length)).toEqual([...asked.slice(1).map(() => 0), 1]);
    expect(Math.max(...channel.opened.map(({ record }) => record.length))).toBeLessThan(65_536);
    await guest.files.write({ files: [{ path: '/long', contents: new Uint8Array(100_000) }, ...files] });
    expect(
      channel.opened
        .at(asked.length)
        ?.asked('writeSpec')
        .files.map(({ path }) => path),
    ).toEqual(['/long']);
    await expect(guest.files.write({ files: [{ path: '/longer', contents: new Uint8Array(maxRecordBytes) }] })).rejects.toMatchObject({
      kind: 'exhausted',
    });
  });

  it('show layers without anything to write to, and take them away whatever happens', async () => {
    const kinds = (): number[] => channel.opened.map(({ kind }) => kind);
    expect(await withLayers(channel, { directories: ['/a', '/b'], target: '/t' }, async (target) => target)).toBe('/t');
    await expect(withLayers(channel, { directories: ['/a'], target: '/t' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(kinds()).toEqual([hostKind.mount, hostKind.unmount, hostKind.mount, hostKind.unmount]);
    const mounted = [0, 2].map((at) => channel.opened[at]?.asked('overlaySpec'));
    expect(mounted).toMatchObject([
      { lowers: ['/a', '/b'], upper: '', work: '', target: '/t' },
      { lowers: [], upper: '/a', work: '', target: '/t' },
    ]);
  });
});

describe('processes of the guest itself', () => {
  beforeEach(() => {
    channel.agent = (stream) => stream.reply('started', { pid: 5 });
  });

  it('are shells on a pty and lines without one', async () => {
    await openShell(guest.processes, { rows: 24, columns: 80 });
    expect(channel.last.asked('execSpec')).toMatchObject({
      container: '',
      process: { args: ['/bin/sh', '-l'], tty: 1, rows: 24, columns: 80 },
    });
    await runLine(guest.processes, 'docker ps | wc -l');
    expect(channel.last.asked('execSpec')).toMatchObject({
      process: { args: ['/bin/sh', '-c', 'docker ps | wc -l'], tty: 0, openStdin: 0 },
    });
  });

  it('can be hung up', async () => {
    (await openShell(guest.processes, { rows: 24, columns: 80 })).hangUp();
    expect(channel.last.wasReset).toBe(true);
  });
});

describe('the exec log', () => {
  it('tells of every exec until it is disposed', () => {
    const heard: GuestExec[] = [];
    const watch = watchExecs(channel, (exec) => heard.push(exec));
    expect(channel.last.kind).toBe(hostKind.watchExecs);
    channel.last.note(noteKind.execEvent, 'execEvent', {
      pid: 12,
      argv: ['ls', '-l'],
      tty: 34_816,
      namespaces: ['pid:[4026531836]', 'net:[1]'],
    });
    channel.last.note(noteKind.execEvent, 'execEvent', { pid: 13 });
    expect(heard).toEqual([
      { kind: 'exec', pid: 12, argv: ['ls', '-l'], tty: true, namespaces: { pid: '[4026531836]', net: '[1]' } },
      { kind: 'exec', pid: 13, argv: [], tty: false, namespaces: {} },
    ]);
    watch.dispose();
    expect(channel.last.wasReset).toBe(true);
  });
});
