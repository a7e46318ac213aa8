import { createSocket } from 'node:dgram';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { createDuplexPair, readAll, type Duplex } from '../../../base/streams.ts';
import type { Datagram } from '../../../guest/datagrams.ts';
import type { GuestDatagrams, Peer } from '../../../guest/sockets.ts';
import type { Sockets } from './published.ts';
import { nodePublisher } from './publisher.ts';

/** What listens in the guest: everything that is dialled there, its other end. */
class GuestEnds implements Sockets {
  readonly dialled: Peer[] = [];
  readonly ends: Duplex[] = [];
  readonly datagrams: { readonly sent: Datagram[]; say: (data: string) => void; isOpen: boolean }[] = [];
  resets = 0;
  /** Nobody listens. */
  refuses = false;

  connect(peer: Peer): ReturnType<Sockets['connect']> {
    this.dialled.push(peer);
    if (this.refuses) return Promise.reject(new AppError('internal', 'connection refused'));
    const [ours, theirs] = createDuplexPair(64 * 1024);
    this.ends.push(theirs);
    const reset = (): void => {
      this.resets += 1;
      ours.sink.abort(new AppError('cancelled', 'reset'));
      ours.source.cancel();
    };
    return Promise.resolve({ ...ours, closed: Promise.resolve(), reset });
  }

  bind(): Promise<GuestDatagrams> {
    const waiting: ((datagram: Datagram | null) => void)[] = [];
    const come: (Datagram | null)[] = [];
    const put = (datagram: Datagram | null): void => {
      const taken = waiting.shift();
      if (taken === undefined) come.push(datagram);
      else taken(datagram);
    };
    const end = {
      sent: new Array<Datagram>(),
      say: (data: string) => put({ address: '127.0.0.1', port: 53, data: utf8(data) }),
      isOpen: true,
    };
    this.datagrams.push(end);
    return Promise.resolve({
      port: 1,
      receive: () => new Promise((resolve) => (come.length > 0 ? resolve(come.shift() ?? null) : waiting.push(resolve))),
      send: (datagram) => {
        end.sent.push(datagram);
        return Promise.resolve();
      },
      close() {
        end.isOpen = false;
        put(null);
      },
    });
  }
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function published(address = '0.0.0.0', protocol: 'tcp' | 'udp' = 'tcp') {
  const guest = new GuestEnds();
  const outside = await freePort();
  const close = await nodePublisher('127.0.0.1', guest).open({ protocol, inside: 80, address, outside });
  open.push(close);
  return { guest, port: outside, close };
}

const dial = (port: number, host = '127.0.0.1'): Socket =>
  createConnection({ port, host, allowHalfOpen: true }).on('error', () => undefined);
const closed = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.once('close', () => resolve('closed'));
  });

describe('a published TCP port', () => {
  it('leads to the guest, where both halves end on their own', async () => {
    const { guest, port } = await published();
    const client = dial(port);
    client.write('ask');
    await expect.poll(() => guest.ends.length).toBe(1);
    expect(guest.dialled).toEqual([{ container: '', address: '127.0.0.1', port }]);
    const [end] = guest.ends;
    client.end();
    expect(fromUtf8(await readAll(end?.source ?? expect.fail()))).toBe('ask');
    await end?.sink.write(utf8('answer'));
    await end?.sink.close();
    expect(await text(client)).toBe('answer');
  });

  it('holds back who sends to one that does not read, and who sends from the guest to one that does not', async () => {
    const { guest, port } = await published();
    const client = dial(port);
    client.pause();
    const piece = Buffer.alloc(64 * 1024);
    let room = true;
    for (let sent = 0; room && sent < 1024; sent += 1)
      room = client.write(piece) || (await new Promise<boolean>((resolve) => setImmediate(() => resolve(!client.writableNeedDrain))));
    expect(room).toBe(false);
    await expect.poll(() => guest.ends.length).toBe(1);
    const end = guest.ends[0] ?? expect.fail();
    let written = 0;
    const writing = (async () => {
      for (; written < 1024; written += 1) await end.sink.write(piece);
    })();
    writing.catch(() => undefined);
    // The kernel's own buffers take some megabytes; what is beyond them has to wait.
    let before = -1;
    await expect
      .poll(
        () => {
          const still = before === written;
          before = written;
          return still;
        },
        { interval: 300 },
      )
      .toBe(true);
    expect(written).toBeLessThan(1024);
    client.resetAndDestroy();
    await expect(writing).rejects.toThrow();
  });

  it('is reset where nobody listens in the guest, and resets the guest’s end with its own', async () => {
    const { guest, port } = await published();
    guest.refuses = true;
    expect(await closed(dial(port))).toBe('ECONNRESET');
    guest.refuses = false;
    const client = dial(port);
    await expect.poll(() => guest.ends.length).toBe(1);
    client.resetAndDestroy();
    await expect.poll(() => guest.resets).toBeGreaterThan(0);
  });

  it('ends its connections when it is closed, and is free then', async () => {
    const { guest, port, close } = await published();
    const client = dial(port);
    await expect.poll(() => guest.ends.length).toBe(1);
    const ended = closed(client);
    await close();
    expect(await ended).toBe('ECONNRESET');
    expect(await closed(dial(port))).toBe('ECONNREFUSED');
  });

  it('on an address of lo is there alone; on another one of the guest’s it is nowhere on the machine', async () => {
    const lo = await published('127.0.0.2');
    expect(await closed(dial(lo.port))).toBe('ECONNREFUSED');
    dial(lo.port, '127.0.0.2').end();
    await expect.poll(() => lo.guest.dialled).toEqual([{ container: '', address: '127.0.0.2', port: lo.port }]);
    const bridge = await published('172.17.0.1');
    expect(await closed(dial(bridge.port))).toBe('ECONNREFUSED');
  });

  it('that is taken, or on an address of another machine, says why as Go does', async () => {
    const { port } = await published();
    const again = { protocol: 'tcp', inside: 80, address: '0.0.0.0', outside: port } as const;
    await expect(nodePublisher('127.0.0.1', new GuestEnds()).open(again)).rejects.toMatchObject({
      kind: 'exhausted',
      message: 'address already in use',
    });
    await expect(nodePublisher('192.0.2.1', new GuestEnds()).open(again)).rejects.toMatchObject({
      message: 'cannot assign requested address',
    });
  });
});

describe('a published UDP port', () => {
  it('has a socket in the guest for each peer, whose answers go to it', async () => {
    const { guest, port, close } = await published('0.0.0.0', 'udp');
    const ask = async (word: string, index: number): Promise<string> => {
      const socket = createSocket('udp4');
      const heard = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
      socket.send(word, port, '127.0.0.1');
      await expect
        .poll(() => guest.datagrams[index]?.sent.map(({ address, port: to, data }) => `${address}:${to} ${fromUtf8(data)}`))
        .toEqual([`127.0.0.1:${port} ${word}`]);
      guest.datagrams[index]?.say(`re: ${word}`);
      const answer = await heard;
      socket.close();
      return answer;
    };
    expect([await ask('one', 0), await ask('two', 1)]).toEqual(['re: one', 're: two']);
    await close();
    open.length = 0;
    await expect.poll(() => guest.datagrams.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  it('that is taken says so', async () => {
    const { port } = await published('0.0.0.0', 'udp');
    const again = { protocol: 'udp', inside: 53, address: '0.0.0.0', outside: port } as const;
    await expect(nodePublisher('127.0.0.1', new GuestEnds()).open(again)).rejects.toMatchObject({ message: 'address already in use' });
  });
});
