import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startWispServer, type WispServer } from '../../../test/support/wisp-server.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { createDuplexPair, createPipe, readAll } from '../../base/streams.ts';
import type { Messages } from './messages.ts';
import { serveByRelay } from './wisp.ts';

describe('over the relay that wisp’s authors wrote', () => {
  let relay: WispServer;
  let server: Server;
  let port: number;
  let use: (socket: Socket) => void;
  beforeAll(async () => {
    vi.stubGlobal('WebSocket', WebSocket);
    relay = await startWispServer();
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      use(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await relay.close();
    server.close();
  });

  function open(to = port) {
    const [guest, other] = createDuplexPair();
    const over = serveByRelay({ url: relay.url, host: 'web.test', port: to }, other);
    over.catch(() => undefined);
    return { guest, over };
  }

  test('bytes come through both ways, more of them than any window has, until the host has said all', async () => {
    const many = 8 * 1024 * 1024;
    use = (socket) => {
      let heard = 0;
      socket.on('data', (data) => {
        heard += data.length;
        if (heard === many) socket.end(Buffer.alloc(many, 7));
      });
    };
    const { guest, over } = open();
    const sending = (async () => {
      for (let sent = 0; sent < many; sent += 65_536) await guest.sink.write(new Uint8Array(65_536));
    })();
    const answer = await readAll(guest.source);
    await sending;
    expect([answer.length, answer[0], answer.at(-1)]).toEqual([many, 7, 7]);
    await over;
  });

  test('a host that nobody reaches, and a relay that is not there, say so', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port: free } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(open(free).over).rejects.toThrow(/^web\.test: /);
    const [, other] = createDuplexPair();
    const nowhere = serveByRelay({ url: `ws://127.0.0.1:${free}/`, host: 'web.test', port }, other);
    await expect(nowhere).rejects.toThrow('does not answer');
  });

  test('a guest that breaks off takes the host’s connection along', async () => {
    const gone = new Promise((resolve) => {
      use = (socket) => {
        socket.resume();
        socket.once('end', resolve);
        socket.once('close', resolve);
      };
    });
    const { guest, over } = open();
    await guest.sink.write(utf8('x'));
    guest.sink.abort(new Error('gone'));
    await expect(over).rejects.toThrow('gone');
    await gone;
  });
});

/** A relay that says what a test has it say. */
function scripted(...says: readonly (readonly number[])[]) {
  const heard: Uint8Array[] = [];
  const lines = createPipe();
  const messages = (async () => {
    for (const line of says) await lines.sink.write(Uint8Array.from(line));
  })();
  void messages;
  const relay: Messages = {
    receive: () => lines.source.read(),
    send: (message) => {
      heard.push(message);
      return Promise.resolve();
    },
    close: () => void lines.sink.close(),
  };
  const [guest, other] = createDuplexPair();
  const over = serveByRelay({ url: 'wss://r/', host: 'h.test', port: 443, open: () => Promise.resolve(relay) }, other);
  over.catch(() => undefined);
  return { guest, over, heard, say: (...bytes: number[]) => lines.sink.write(Uint8Array.from(bytes)) };
}

const welcome = (room: number): number[] => [3, 0, 0, 0, 0, room, 0, 0, 0];

test('what is no relay, or says what is not wisp, is refused', async () => {
  for (const first of [[1], [3, 1, 0, 0, 0, 9, 0, 0, 0], [2, 0, 0, 0, 0, 9, 0, 0, 0], [3, 0, 0, 0, 0, 1]])
    await expect(scripted(first).over).rejects.toThrow(/no wisp relay|not wisp/);
  await expect(scripted(welcome(9), [2, 1]).over).rejects.toThrow('not wisp');
  const blocked = scripted(welcome(9), [4, 1, 0, 0, 0, 0x48]);
  await expect(blocked.over).rejects.toThrow('h.test: the relay blocks it');
});

test('no more packets go to the relay than it has room for, and none of another’s stream come from it', async () => {
  const { guest, heard, say, over } = scripted(welcome(2), [2, 7, 0, 0, 0, 1], [2, 1, 0, 0, 0, 104, 105]);
  for (let index = 0; index < 4; index += 1) await guest.sink.write(Uint8Array.of(index));
  expect(fromUtf8((await guest.source.read()) ?? new Uint8Array())).toBe('hi');
  await expect.poll(() => heard.length).toBe(3);
  expect(heard.map((message) => [...message])).toEqual([
    [1, 1, 0, 0, 0, 1, 187, 1, ...utf8('h.test')],
    [2, 1, 0, 0, 0, 0],
    [2, 1, 0, 0, 0, 1],
  ]);
  await say(3, 1, 0, 0, 0, 8, 0, 0, 0);
  await expect.poll(() => heard.length).toBe(5);
  await say(4, 1, 0, 0, 0, 2);
  await over;
  expect(await guest.source.read()).toBeNull();
});
