import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { iterate, readAll } from '../../base/streams.ts';
import { decodeKind, decodeRecord, encodeRecord } from '../../protocol/agent-codec.ts';
import { agentKind, frameType, hostKind, lane, maxRecordBytes, noteKind, streamWindowBytes } from '../../protocol/agent.ts';
import { messageType } from '../ninep/wire.ts';
import { channelWithServer, FakeAgent } from '../testing/fake-agent.ts';
import type { AgentStream, Channel, HostStream } from './channel.ts';

const empty = encodeRecord('empty', {});

let channel: Channel;
let agent: FakeAgent;
let setup: ReturnType<typeof channelWithServer>;

beforeEach(async () => {
  setup = channelWithServer();
  channel = setup.channel;
  agent = new FakeAgent(setup.server);
  await agent.start();
});

afterEach(() => agent.stop());

test('a request that no frame holds arrives whole, and so does one of the agent', async () => {
  const record = pattern(300_000, 3);
  const stream = channel.open(hostKind.exec, record);
  const opened = await agent.nextOpen();
  expect([opened.stream, opened.kind]).toEqual([stream.id, hostKind.exec]);
  expect(Buffer.compare(opened.record, record)).toBe(0);
  const incoming = new Promise<AgentStream>((resolve) => channel.onOpen(agentKind.cli, resolve));
  await agent.openStream(8, agentKind.cli, record);
  expect(Buffer.compare((await incoming).record, record)).toBe(0);
});

test('a request beyond every bound fails, and leaves nothing behind', async () => {
  await expect(channel.open(hostKind.exec, new Uint8Array(maxRecordBytes)).reply).rejects.toMatchObject({
    message: 'argument list too long',
    detail: { errno: 7 },
  });
  expect(channel.save().streams).toEqual([]);
});

/** A stream that the agent has accepted, and its id. */
async function accepted(kind: number = hostKind.exec): Promise<HostStream> {
  const stream = channel.open(kind, empty);
  await agent.nextOpen();
  await agent.send(frameType.reply, stream.id);
  await stream.reply;
  return stream;
}

/** Turns of the event loop in which whatever can happen without new input does. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function pattern(size: number, start: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = (start + index) & 0xff;
  return bytes;
}

/** Checks that pieces are those of one chunk over and over; `position` is how many bytes came. */
function repetitionsOf(chunk: Uint8Array) {
  let position = 0;
  return {
    push(piece: Uint8Array): void {
      for (const index of [0, piece.length >> 1, piece.length - 1]) {
        if (piece[index] !== chunk[(position + index) % chunk.length]) throw new Error(`out of order at ${position + index}`);
      }
      position += piece.length;
    },
    get position() {
      return position;
    },
  };
}

describe('a stream that the host opens', () => {
  test('carries kind and record there and the reply back', async () => {
    const stream = channel.open(hostKind.signal, utf8('spec'));
    const opened = await agent.nextOpen();
    expect(opened).toEqual({ stream: stream.id, kind: hostKind.signal, record: utf8('spec') });
    await agent.send(frameType.reply, stream.id, 0, utf8('done'));
    expect(fromUtf8(await stream.reply)).toBe('done');
    await agent.send(frameType.close, stream.id, 0, utf8('bye'));
    expect(fromUtf8(await stream.closed)).toBe('bye');
  });

  test('has odd ids that are not used twice at a time', () => {
    const ids = Array.from({ length: 5 }, () => channel.open(hostKind.echo, empty).id);
    expect(new Set(ids).size).toBe(5);
    expect(ids.every((id) => id % 2 === 1)).toBe(true);
  });

  test('fails with the message, stage and errno of a reset', async () => {
    const stream = channel.open(hostKind.start, empty);
    await agent.nextOpen();
    await agent.send(
      frameType.reset,
      stream.id,
      0,
      encodeRecord('failure', { errno: 2, message: 'exec: "nothing": no such file', stage: 'exec' }),
    );
    const failure = { kind: 'not_found', message: 'exec: "nothing": no such file', detail: { errno: 2, stage: 'exec' } };
    await expect(stream.reply).rejects.toMatchObject(failure);
    await expect(stream.closed).rejects.toMatchObject(failure);
    await expect(stream.lane(0).source.read()).rejects.toMatchObject(failure);
    await expect(stream.lane(0).sink.write(utf8('x'))).rejects.toMatchObject(failure);
  });

  test('holds writes and notes back until the reply', async () => {
    const stream = channel.open(hostKind.exec, empty);
    const written = stream.lane(lane.main).sink.write(utf8('input'));
    stream.note(noteKind.resize, utf8('size'));
    await agent.nextOpen();
    await settle();
    expect(agent.frames).toEqual([]);
    const data = agent.next((frame) => frame.type === frameType.data);
    await agent.send(frameType.reply, stream.id);
    await written;
    expect(fromUtf8((await data).payload)).toBe('input');
    expect(decodeKind((await agent.next((frame) => frame.type === frameType.note)).payload)).toEqual({
      kind: noteKind.resize,
      record: utf8('size'),
    });
  });

  test('keeps lanes apart and ends each on its own', async () => {
    const stream = await accepted();
    await agent.data(stream.id, lane.stdout, utf8('out'));
    await agent.data(stream.id, lane.stderr, utf8('err'));
    await agent.send(frameType.end, stream.id, lane.stdout);
    expect(fromUtf8(await readAll(stream.lane(lane.stdout).source))).toBe('out');
    await agent.data(stream.id, lane.stderr, utf8('or'));
    await agent.send(frameType.close, stream.id);
    expect(fromUtf8(await readAll(stream.lane(lane.stderr).source))).toBe('error');
    expect(await stream.closed).toEqual(new Uint8Array(0));
  });

  test('half-closes a lane after what was written', async () => {
    const stream = await accepted();
    const { sink } = stream.lane(lane.main);
    const seen: string[] = [];
    agent.onFrame = (frame) => seen.push(`${frame.type}:${frame.lane}:${fromUtf8(frame.payload)}`);
    await Promise.all([sink.write(utf8('a')), sink.write(utf8('b')), sink.close()]);
    await settle();
    expect(seen).toEqual(['3:0:a', '3:0:b', '4:0:']);
    await expect(sink.write(utf8('c'))).rejects.toMatchObject({ kind: 'conflict' });
    await sink.close();
  });

  test('delivers notes in order, also those that came before anybody listened', async () => {
    const stream = await accepted();
    await agent.note(stream.id, noteKind.oom, utf8('1'));
    await agent.note(stream.id, noteKind.exited, utf8('2'));
    const notes: string[] = [];
    stream.onNote(({ kind, record }) => notes.push(`${kind}${fromUtf8(record)}`));
    await agent.note(stream.id, noteKind.exited, utf8('3'));
    expect(notes).toEqual([`${noteKind.oom}1`, `${noteKind.exited}2`, `${noteKind.exited}3`]);
  });

  test('that is reset here says so to the agent and takes no more', async () => {
    const stream = await accepted();
    stream.reset();
    const { payload } = await agent.next((frame) => frame.type === frameType.reset);
    expect(decodeRecord('failure', payload)).toMatchObject({ errno: 125 });
    await expect(stream.closed).rejects.toMatchObject({ kind: 'cancelled' });
    await agent.send(frameType.data, stream.id, 0, utf8('too late'));
    await agent.send(frameType.close, stream.id);
    const next = await accepted();
    expect(next.id).not.toBe(stream.id);
  });
});

describe('a stream that the agent opens', () => {
  test('is answered, carries bytes and notes both ways, and is closed with a record', async () => {
    const streams: AgentStream[] = [];
    channel.onOpen(agentKind.cli, (stream) => streams.push(stream));
    await agent.openStream(2, agentKind.cli, utf8('argv'));
    const [stream] = streams;
    if (stream === undefined) throw new Error('no stream');
    expect(fromUtf8(stream.record)).toBe('argv');
    stream.reply(utf8('yes'));
    expect(fromUtf8((await agent.next((frame) => frame.type === frameType.reply)).payload)).toBe('yes');
    await agent.data(2, lane.main, utf8('typed'));
    expect(fromUtf8((await stream.lane(lane.main).source.read()) ?? empty)).toBe('typed');
    const shown = agent.next((frame) => frame.type === frameType.data);
    void stream.lane(lane.stdout).sink.write(utf8('shown'));
    await stream.close(utf8('exit'));
    expect(await shown).toMatchObject({ lane: lane.stdout, payload: utf8('shown') });
    expect(fromUtf8((await agent.next((frame) => frame.type === frameType.close)).payload)).toBe('exit');
    await stream.close(utf8('again'));
    expect(agent.frames).toEqual([]);
  });

  test('of a kind that nobody serves is reset', async () => {
    await agent.openStream(4, 99, empty);
    const { payload } = await agent.next((frame) => frame.type === frameType.reset && frame.stream === 4);
    expect(decodeRecord('failure', payload).errno).toBe(38);
  });

  test('id can be used again after the close', async () => {
    const records: string[] = [];
    channel.onOpen(agentKind.socket, (stream) => {
      records.push(fromUtf8(stream.record));
      void stream.close(empty);
    });
    for (const record of ['one', 'two']) {
      await agent.openStream(2, agentKind.socket, utf8(record));
      await agent.next((frame) => frame.type === frameType.close && frame.stream === 2);
    }
    expect(records).toEqual(['one', 'two']);
  });
});

describe('flow control', () => {
  test('the host never has more than a window in flight and goes on with credit', async () => {
    const stream = await accepted();
    let inFlight = 0;
    agent.onFrame = (frame) => {
      if (frame.type === frameType.data) inFlight += frame.payload.length;
    };
    const written = stream.lane(lane.main).sink.write(new Uint8Array(streamWindowBytes * 2 + 5));
    await settle();
    expect(inFlight).toBe(streamWindowBytes);
    await agent.credit(stream.id, 10);
    await settle();
    expect(inFlight).toBe(streamWindowBytes + 10);
    await agent.credit(stream.id, streamWindowBytes * 2);
    await written;
    await settle();
    expect(inFlight).toBe(streamWindowBytes * 2 + 5);
  });

  test('a slow reader stops the agent at one window', async () => {
    const stream = await accepted();
    const sent = agent.data(stream.id, lane.stdout, new Uint8Array(streamWindowBytes * 3));
    await settle();
    expect(agent.unacknowledged.get(stream.id)).toBe(streamWindowBytes);
    let read = 0;
    while (read < streamWindowBytes * 3) {
      await settle();
      read += (await stream.lane(lane.stdout).source.read())?.length ?? 0;
      expect(agent.unacknowledged.get(stream.id)).toBeLessThanOrEqual(streamWindowBytes);
    }
    await sent;
  });

  test('an unread lane does not stop another stream', async () => {
    const [stuck, free] = [await accepted(), await accepted()];
    void agent.data(stuck.id, lane.stdout, new Uint8Array(streamWindowBytes * 2));
    await settle();
    await agent.data(free.id, lane.stdout, utf8('through'));
    expect(fromUtf8((await free.lane(lane.stdout).source.read()) ?? empty)).toBe('through');
    stuck.reset();
  });

  test('a cancelled source gives back what nobody read and drops what still comes', async () => {
    const stream = await accepted();
    const sent = agent.data(stream.id, lane.stdout, new Uint8Array(streamWindowBytes * 4));
    await settle();
    stream.lane(lane.stdout).source.cancel();
    await sent;
    expect(await stream.lane(lane.stdout).source.read()).toBeNull();
    await agent.data(stream.id, lane.stderr, utf8('still here'));
    expect(fromUtf8((await stream.lane(lane.stderr).source.read()) ?? empty)).toBe('still here');
  });

  test('a write that waits for room fails when the stream is reset', async () => {
    const stream = await accepted();
    const written = stream.lane(lane.main).sink.write(new Uint8Array(streamWindowBytes + 1));
    await settle();
    await agent.send(frameType.reset, stream.id, 0, encodeRecord('failure', { errno: 32, message: 'broken pipe' }));
    await expect(written).rejects.toMatchObject({ message: 'broken pipe' });
  });

  test('100 MB each way at the same time arrive whole and in order', async () => {
    const stream = await accepted(hostKind.echo);
    const total = 100 * 1024 * 1024;
    const chunk = pattern(65_536 * 3 + 17, 0);
    const [there, back] = [repetitionsOf(chunk), repetitionsOf(chunk)];
    let uncredited = 0;
    agent.onFrame = (frame) => {
      if (frame.type !== frameType.data) return;
      there.push(frame.payload);
      uncredited += frame.payload.length;
      if (uncredited < 65_536) return;
      void agent.credit(stream.id, uncredited);
      uncredited = 0;
    };
    const { source, sink } = stream.lane(lane.main);
    const sendThere = async (): Promise<number> => {
      let sent = 0;
      for (; sent < total; sent += chunk.length) await sink.write(chunk);
      await sink.close();
      return sent;
    };
    const sendBack = async (): Promise<number> => {
      let sent = 0;
      for (; sent < total; sent += chunk.length) await agent.data(stream.id, lane.main, chunk);
      await agent.send(frameType.close, stream.id);
      return sent;
    };
    const readBack = async (): Promise<void> => {
      for await (const piece of iterate(source)) back.push(piece);
    };
    const ended = agent.next((frame) => frame.type === frameType.end);
    const [sentThere, sentBack] = await Promise.all([sendThere(), sendBack(), readBack(), ended]);
    expect(there.position).toBe(sentThere);
    expect(back.position).toBe(sentBack);
  }, 60_000);
});

describe('the link', () => {
  test('frames of one turn go out in one answer', async () => {
    const before = agent.client.replies.filter((reply) => reply.startsWith(`${messageType.read + 1}#`)).length;
    for (let index = 0; index < 10; index++) channel.open(hostKind.echo, empty);
    await settle();
    const answers = agent.client.replies.filter((reply) => reply.startsWith(`${messageType.read + 1}#`)).length - before;
    expect(agent.frames).toHaveLength(10);
    expect(answers).toBe(1);
  });

  test('loses nothing when a held read is flushed over and over', async () => {
    const stream = await accepted();
    const received: Uint8Array[] = [];
    agent.onFrame = (frame) => {
      if (frame.type === frameType.data) received.push(frame.payload);
    };
    for (let index = 0; index < 50; index++) {
      const flushed = agent.client.request(messageType.flush, (message) => message.u16(agent.heldTag));
      await Promise.all([stream.lane(lane.main).sink.write(pattern(100, index)), flushed]);
    }
    await settle();
    expect(concatBytes(received)).toEqual(concatBytes(Array.from({ length: 50 }, (_, index) => pattern(100, index))));
  });

  test('frames may be cut anywhere on their way from the agent', async () => {
    const stream = await accepted();
    const bytes = concatBytes([
      Uint8Array.of(3, 0, 0, 0, stream.id, 0, 0, 0, frameType.data, 1, 0, 0),
      utf8('abc'),
      Uint8Array.of(0, 0, 0, 0, stream.id, 0, 0, 0, frameType.end, 1, 0, 0),
    ]);
    for (const byte of bytes) await agent.sendBytes(Uint8Array.of(byte));
    expect(fromUtf8(await readAll(stream.lane(lane.stdout).source))).toBe('abc');
  });

  test('bytes that are no frames end every stream, and later ones at once', async () => {
    const stream = await accepted();
    await agent.sendBytes(new Uint8Array(64).fill(0xff));
    await expect(stream.closed).rejects.toMatchObject({ kind: 'internal' });
    await expect(channel.open(hostKind.echo, empty).reply).rejects.toMatchObject({ kind: 'internal' });
  });
});

describe('a stream whose owner or record is at fault', () => {
  test('is reset alone when its listener throws', async () => {
    const [bad, good] = [await accepted(), await accepted()];
    bad.onNote(() => {
      throw new Error('not expected');
    });
    await agent.note(bad.id, noteKind.oom, empty);
    await expect(bad.closed).rejects.toMatchObject({ kind: 'internal', message: 'not expected' });
    await agent.next((frame) => frame.type === frameType.reset && frame.stream === bad.id);
    await agent.data(good.id, lane.stdout, utf8('through'));
    expect(fromUtf8((await good.lane(lane.stdout).source.read()) ?? empty)).toBe('through');
  });

  test('is reset alone when who serves its kind throws', async () => {
    channel.onOpen(agentKind.cli, () => {
      throw new Error('cannot read this');
    });
    const good = await accepted();
    await agent.openStream(2, agentKind.cli, empty);
    await agent.next((frame) => frame.type === frameType.reset && frame.stream === 2);
    await agent.send(frameType.close, good.id);
    await good.closed;
  });

  test('is reset alone when its credit has no number', async () => {
    const [bad, good] = [await accepted(), await accepted()];
    await agent.send(frameType.credit, bad.id, 0, Uint8Array.of(1));
    await expect(bad.closed).rejects.toMatchObject({ message: 'a CREDIT without its number' });
    await agent.send(frameType.close, good.id);
    await good.closed;
  });
});

describe('a saved channel', () => {
  test('goes on in another one: unread bytes, notes, windows, half frames, unsent frames', async () => {
    const stream = await accepted();
    await agent.data(stream.id, lane.stdout, utf8('unread'));
    await agent.note(stream.id, noteKind.oom, utf8('unseen'));
    await agent.data(stream.id, lane.stderr, utf8('x'));
    await agent.sendBytes(Uint8Array.of(2, 0, 0, 0, stream.id, 0));
    agent.stop();
    await agent.client.request(messageType.flush, (message) => message.u16(agent.heldTag));
    await stream.lane(lane.main).sink.write(utf8('unsent'));
    await settle();
    const saved = structuredClone({ channel: channel.save(), server: setup.server.save() });

    const after = channelWithServer();
    after.server.restore(saved.server);
    after.channel.restore(saved.channel);
    const [restored] = after.channel.takeRestored();
    if (restored === undefined) throw new Error('no stream was restored');
    expect(restored).toMatchObject({ id: stream.id, kind: hostKind.exec });
    const notes: string[] = [];
    restored.onNote(({ record }) => notes.push(fromUtf8(record)));
    expect(notes).toEqual(['unseen']);
    expect(fromUtf8((await restored.lane(lane.stdout).source.read()) ?? empty)).toBe('unread');

    const resumed = new FakeAgent(after.server);
    const data = resumed.next((frame) => frame.type === frameType.data);
    await resumed.start();
    expect(fromUtf8((await data).payload)).toBe('unsent');
    await resumed.sendBytes(concatBytes([Uint8Array.of(0, 0, frameType.data, lane.stdout, 0, 0), utf8('ok')]));
    expect(fromUtf8((await restored.lane(lane.stdout).source.read()) ?? empty)).toBe('ok');
    expect(after.channel.open(hostKind.echo, empty).id).not.toBe(stream.id);
    expect(after.channel.takeRestored()).toEqual([]);
    resumed.stop();
  });

  test('tells the end of a process again that was heard, and not yet acted on, when it was saved', async () => {
    const stream = await accepted();
    const heard: number[] = [];
    stream.onNote(({ kind }) => heard.push(kind));
    await agent.data(stream.id, lane.stdout, utf8('last words'));
    await agent.note(stream.id, noteKind.exited, utf8('7'));
    await settle();
    expect(heard).toEqual([noteKind.exited]);
    const told = channelWithServer();
    told.channel.restore(structuredClone(channel.save()));
    await agent.send(frameType.close, stream.id);
    await stream.closed;
    const over = channelWithServer();
    over.channel.restore(structuredClone(channel.save()));
    const again = channelWithServer();
    again.channel.restore(structuredClone(over.channel.save()));

    for (const { channel: restored } of [told, over, again]) {
      const found = restored.takeRestored();
      expect(found.map(({ id }) => id)).toEqual([stream.id]);
      const notes: string[] = [];
      found[0]?.onNote(({ record }) => notes.push(fromUtf8(record)));
      expect(notes).toEqual(['7']);
      expect(fromUtf8((await found[0]?.lane(lane.stdout).source.read()) ?? empty)).toBe('last words');
      if (restored !== told.channel) await found[0]?.closed;
    }
  });

  test('keeps a bounded number of ends', async () => {
    for (let count = 0; count < 70; count++) {
      const stream = await accepted();
      await agent.note(stream.id, noteKind.exited, empty);
      await agent.send(frameType.close, stream.id);
      await stream.closed;
    }
    expect(channel.save().streams).toHaveLength(64);
  });
});
