import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { AppError } from '../../src/base/errors.ts';
import { createDuplexPair, type Duplex } from '../../src/base/streams.ts';
import type { PageRequest } from '../../src/protocol/page-api.ts';
import type { PlaygroundPorts } from '../../src/protocol/playground.ts';
import { requestOfPort } from '../../src/ui/shell/port-fetch.ts';
import { Ports } from '../../src/worker/ports.ts';

/** A server in the guest: says what it is told to whoever connects, and keeps what it was asked. */
function serving(answer: (connection: Duplex) => Promise<void>) {
  const seen = { asked: '', isReset: false, dialled: 0 };
  const connect = (): ReturnType<ConstructorParameters<typeof Ports>[0]>['connect'] extends (...of: never[]) => infer R ? R : never => {
    seen.dialled += 1;
    const [ours, theirs] = createDuplexPair(16 * 1024);
    void (async () => {
      while (!/\r\n\r\n/.test(seen.asked)) seen.asked += fromUtf8((await theirs.source.read()) ?? utf8('\r\n\r\n'));
      await answer(theirs);
    })().catch(() => undefined);
    const reset = (): void => {
      seen.isReset = true;
      ours.source.cancel();
      ours.sink.abort(new AppError('cancelled', 'reset'));
    };
    return Promise.resolve({ ...ours, closed: Promise.resolve(), reset });
  };
  const ports = new Ports(
    () => ({ connect }),
    () => {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2];
    },
  );
  return { seen, ports, get: (path = '/', init: PageRequest = {}) => requestOfPort(ports, 8080, path, init) };
}

const saying = (...pieces: readonly string[]) =>
  serving(async ({ sink }) => {
    for (const piece of pieces) await sink.write(utf8(piece));
    await sink.close();
  });

describe('drydock.fetch', () => {
  test('asks as fetch does, and once', async () => {
    const { seen, get } = saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nhi');
    const response = await get('/a b?q=ä#not', { method: 'POST', body: 'text', headers: { 'X-Own': 'yes', Connection: 'keep-alive' } });
    expect([response.status, response.statusText, response.headers.get('x-a'), await response.text()]).toEqual([200, 'OK', '1, 2', 'hi']);
    expect(seen.asked.split('\r\n')).toEqual(
      expect.arrayContaining([
        'POST /a%20b?q=%C3%A4 HTTP/1.1',
        'host: localhost:8080',
        'content-length: 4',
        'connection: close',
        'x-own: yes',
      ]),
    );
    expect(seen.asked.match(/^connection:/gm)).toHaveLength(1);
    expect(seen.dialled).toBe(1);
  });

  test.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n', 'abcde'],
    ['all until the end', 'HTTP/1.0 200 OK\r\n\r\nabcde', 'abcde'],
    ['a length, and nothing behind it', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nabcdefgh', 'abcde'],
    ['what follows hints', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde', 'abcde'],
    ['nothing', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ])('has a body of %s', async (_name, answer, body) => {
    expect(await (await saying(answer).get()).text()).toBe(body);
    expect(await (await saying(...answer).get()).text()).toBe(body);
  });

  test('gives redirects and failures as they are', async () => {
    const moved = await saying('HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n').get();
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/login']);
    expect((await saying('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n').get()).ok).toBe(false);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'invalid'],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, 'invalid'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'invalid'],
    ['nothing', '', 'unavailable'],
  ])('rejects where the answer is %s', async (_name, answer, kind) => {
    const { get, seen } = saying(answer);
    await expect(get()).rejects.toMatchObject({ kind });
    expect(seen.isReset).toBe(true);
  });

  test.each(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'])(
    'fails the body that breaks off: %j',
    async (answer) => {
      const response = await saying(answer).get();
      await expect(response.text()).rejects.toThrow();
    },
  );

  test('rejects what cannot be sent as one request, before anybody is dialled', async () => {
    const { get, ports, seen } = saying('');
    await expect(get('no/slash')).rejects.toMatchObject({ kind: 'invalid' });
    await expect(get('/', { headers: { a: 'b\r\nc: d' } })).rejects.toThrow();
    expect(seen.dialled).toBe(0);
    const raw = { method: 'GET', target: '/ HTTP/1.1\r\nx: y', headers: [], body: new Uint8Array() };
    await expect(ports.request(80, raw, { id: 'raw' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(ports.request(70_000, { ...raw, target: '/' }, { id: 'raw' })).rejects.toMatchObject({ kind: 'invalid' });
  });

  test.each([
    [111, 'internal', 'connection refused'],
    [113, 'internal', 'no route to host'],
    [22, 'invalid', 'invalid argument'],
  ] as const)('says whose port cannot be reached, and in words: errno %i', async (errno, kind, words) => {
    const ports = new Ports(
      () => ({ connect: () => Promise.reject(new AppError(kind, `connect: errno ${errno}`, { detail: { errno, stage: '' } })) }),
      () => expect.fail(),
    );
    await expect(requestOfPort(ports, 81, '/')).rejects.toMatchObject({ kind: 'unavailable', message: `localhost:81: ${words}` });
  });

  test('holds back a server that is read slowly, and lets go of it when nobody reads any more', async () => {
    let written = 0;
    const { get, seen } = serving(async ({ sink }) => {
      await sink.write(utf8('HTTP/1.1 200 OK\r\n\r\n'));
      for (; written < 1000; written += 1) await sink.write(new Uint8Array(16 * 1024));
    });
    const response = await requestBody(get());
    const reader = response.getReader();
    expect((await reader.read()).done).toBe(false);
    let before = -1;
    await expect
      .poll(() => {
        const still = before === written;
        before = written;
        return still;
      })
      .toBe(true);
    expect(written).toBeLessThan(100);
    await reader.cancel();
    await expect.poll(() => seen.isReset).toBe(true);
  });

  test('ends with its signal, before the answer and in the middle of it', async () => {
    const silent = serving(() => new Promise(() => undefined));
    const first = new AbortController();
    const waiting = silent.get('/', { signal: first.signal });
    await expect.poll(() => silent.seen.asked).toContain('GET');
    first.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    expect(silent.seen.isReset).toBe(true);
    await expect(silent.get('/', { signal: first.signal })).rejects.toMatchObject({ kind: 'cancelled' });
    const half = serving(({ sink }) => sink.write(utf8('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')));
    const second = new AbortController();
    const response = await half.get('/', { signal: second.signal });
    const text = response.text();
    second.abort();
    await expect(text).rejects.toThrow('cancelled');
    await expect.poll(() => half.seen.isReset).toBe(true);
  });

  test.each([
    ['its signal comes together with the answer', [], { kind: 'cancelled' }],
    ['the browser takes no such answer', [['x', '\u0100']], { name: 'TypeError' }],
  ] as const)('lets go of the body where %s', async (_name, headers, error) => {
    const { port1, port2 } = new MessageChannel();
    const told: unknown[] = [];
    port1.onmessage = ({ data }: MessageEvent) => told.push(data);
    const abort = new AbortController();
    const request = (): ReturnType<PlaygroundPorts['request']> => {
      if (headers.length === 0) abort.abort();
      return Promise.resolve({ status: 200, reason: 'OK', headers, port: port2 });
    };
    const asked = requestOfPort({ request, abort: () => Promise.resolve() }, 80, '/', { signal: abort.signal });
    await expect(asked).rejects.toMatchObject(error);
    await expect.poll(() => told).toContainEqual({ type: 'cancel' });
    port1.close();
  });
});

async function requestBody(answer: Promise<Awaited<ReturnType<typeof requestOfPort>>>): Promise<ReadableStream<Uint8Array>> {
  return (await answer).body ?? expect.fail();
}
