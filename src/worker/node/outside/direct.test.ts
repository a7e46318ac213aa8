import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { createDeferred } from '../../../base/deferred.ts';
import { createDuplexPair, readAll, type Duplex } from '../../../base/streams.ts';
import { directWay } from './direct.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function serve(use: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    use(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const noSuchName = (): Promise<never> => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
const tables: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'here.test': () => Promise.resolve(['127.0.0.1']),
  'both.test': () => Promise.resolve(['8.8.8.8', '169.254.169.254']),
  'down.test': () => Promise.reject(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })),
};
const way = (...allowed: { host: string; port: number | null }[]) =>
  directWay({ allowed, lookUp: (name) => (tables[name] ?? noSuchName)(), patience: 2000 });

function open(of: ReturnType<typeof way>, name: string | null, { address = '198.18.0.1', port }: { address?: string; port: number }) {
  const [guest, other] = createDuplexPair();
  const over = of.serve({ name, address, port }, other, () => undefined) ?? expect.fail();
  over.catch(() => undefined);
  return { guest, over };
}
const ask = async ({ source, sink }: Duplex, text: string): Promise<string> => {
  await sink.write(utf8(text));
  await sink.close();
  return fromUtf8(await readAll(source));
};

test('a name is there, is not, or nobody can say; this machine’s is there for who may reach it', async () => {
  const { signal } = new AbortController();
  const status = (name: string, of = way()) => of.lookUp(name, signal);
  expect([await status('here.test'), await status('nosuch.test'), await status('down.test')]).toEqual(['found', 'unknown', 'unreachable']);
  expect(await status('host.docker.internal')).toBe('unknown');
  expect(await status('host.docker.internal', way({ host: 'host.docker.internal', port: 80 }))).toBe('found');
});

describe('a connection', () => {
  test('goes where its name leads, each half ending on its own', async () => {
    const port = await serve((socket) => {
      const parts: Buffer[] = [];
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => socket.end(`heard ${Buffer.concat(parts).toString()}`));
    });
    for (const { host, name } of [
      { host: 'here.test', name: 'here.test' },
      { host: '127.0.0.1', name: 'here.test' },
      { host: 'host.docker.internal', name: 'host.docker.internal' },
    ]) {
      const { guest, over } = open(way({ host, port }), name, { port });
      expect(await ask(guest, 'word')).toBe('heard word');
      expect(await over).toEqual({ by: 'direct' });
    }
  });

  test('to what is this machine’s own is refused, whatever name leads there, and on other ports than allowed', async () => {
    const reached: Socket[] = [];
    const port = await serve((socket) => reached.push(socket));
    const refused = 'own: --allow-host lets containers reach it';
    await expect(open(way(), 'here.test', { port }).over).rejects.toThrow(refused);
    await expect(open(way({ host: 'here.test', port: port + 1 }), 'here.test', { port }).over).rejects.toThrow(refused);
    await expect(open(way(), null, { address: '127.0.0.1', port }).over).rejects.toThrow(refused);
    await expect(open(way(), 'both.test', { port }).over).rejects.toThrow('169.254.169.254 is');
    await expect(open(way(), 'host.docker.internal', { port }).over).rejects.toThrow(refused);
    expect(reached).toEqual([]);
  });

  test('connects to the address that it looked at, whatever the name says the next time', async () => {
    const port = await serve((socket) => socket.end('mine'));
    let turn = 0;
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const rebinding = directWay({ allowed: [{ host: '127.0.0.1', port }], lookUp: () => Promise.resolve(answers[turn++ % 2] ?? []) });
    const { guest, over } = open(rebinding, 'evil.test', { port });
    expect(await ask(guest, '')).toBe('mine');
    await over;
    await expect(open(rebinding, 'evil.test', { port }).over).rejects.toThrow('169.254.169.254 is');
  });

  test('that nobody answers, or whose name is gone, says so', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await expect(open(way({ host: 'here.test', port: null }), 'here.test', { port }).over).rejects.toThrow('ECONNREFUSED');
    await expect(open(way(), 'nosuch.test', { port }).over).rejects.toThrow('ENOTFOUND');
  });

  test('breaks on one side when it breaks on the other', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { guest, over } = open(way({ host: 'here.test', port: null }), 'here.test', { port });
    await guest.sink.write(utf8('x'));
    await expect(over).rejects.toThrow();
    const { promise: gone, resolve } = createDeferred();
    const other = await serve((socket) => socket.resume().once('close', () => resolve()));
    open(way({ host: 'here.test', port: null }), 'here.test', { port: other }).guest.sink.abort(new Error('gone'));
    await gone;
  });

  test('holds back who sends to one that does not read, and a server whose reader is slow', async () => {
    let written = 0;
    const port = await serve((socket) => {
      socket.pause();
      const fill = (): void => {
        while (written < 4096 && socket.write(Buffer.alloc(65_536))) written += 1;
      };
      socket.on('drain', fill);
      fill();
    });
    const { guest } = open(way({ host: 'here.test', port: null }), 'here.test', { port });
    let sent = 0;
    const sending = (async () => {
      for (; sent < 4096; sent += 1) await guest.sink.write(new Uint8Array(65_536));
    })();
    sending.catch(() => undefined);
    // The kernel's own buffers take some megabytes; what is beyond them has to wait.
    let before = [-1, -1];
    await expect
      .poll(
        () => {
          const still = before[0] === sent && before[1] === written;
          before = [sent, written];
          return still;
        },
        { interval: 300 },
      )
      .toBe(true);
    expect(sent).toBeLessThan(1024);
    expect(written).toBeLessThan(1024);
    guest.sink.abort(new Error('over'));
    guest.source.cancel();
  });
});
