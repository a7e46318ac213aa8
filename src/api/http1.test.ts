import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { createDuplexPair, createPipe, iterate, readAll, sourceOf, type Duplex } from '../base/streams.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../protocol/http.ts';
import { ConnectionReader } from './http1/reader.ts';
import { serve, type ServeOptions } from './http1.ts';
import { ByteTotal, pendingRequests } from './pending.ts';

interface Connection {
  readonly client: Duplex;
  readonly over: Promise<void>;
  readonly requests: HttpRequest[];
}

const plain = (text: string, status = 200): HttpResponse => ({ status, headers: { 'content-type': 'text/plain' }, body: utf8(text) });

function connect(handler: HttpHandler, options: Partial<ServeOptions> = {}): Connection {
  const [client, server] = createDuplexPair();
  const requests: HttpRequest[] = [];
  const recording: HttpHandler = (request) => {
    requests.push(request);
    return handler(request);
  };
  return { client, over: serve(server, recording, { transport: 'unix', ...options }), requests };
}

/** Sends everything, closes, and returns all that came back, without the dates. */
async function exchange(sent: string | readonly Uint8Array[], handler: HttpHandler, options?: Partial<ServeOptions>): Promise<string> {
  const { client, over } = connect(handler, options);
  for (const chunk of typeof sent === 'string' ? [utf8(sent)] : sent) await client.sink.write(chunk);
  await client.sink.close();
  const received = fromUtf8(await readAll(client.source));
  await over;
  return received.replace(/Date: [^\r]*\r\n/g, '');
}

/** Reads until what came contains `end`. */
async function readUntil(client: Duplex, end: string): Promise<string> {
  let text = '';
  while (!text.includes(end)) {
    const chunk = await client.source.read();
    if (chunk === null) throw new Error(`the connection ended: ${text}`);
    text += fromUtf8(chunk);
  }
  return text;
}

const echo: HttpHandler = async ({ method, target, body }) => plain(`${method} ${target} ${fromUtf8(await readAll(body))}`);
const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe('requests', () => {
  test('a request is answered with a length and the connection stays open for the next', async () => {
    expect(await exchange(get('/a') + get('/b'), echo)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nGET /a ' +
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nGET /b ',
    );
  });

  test('it does not matter in which pieces the bytes come', async () => {
    const text = `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello${get('/y')}`;
    const whole = await exchange(text, echo);
    expect(
      await exchange(
        [...utf8(text)].map((byte) => Uint8Array.of(byte)),
        echo,
      ),
    ).toBe(whole);
    expect(whole).toContain('POST /x hello');
    expect(whole).toContain('GET /y ');
  });

  test('a chunked body is put together, extensions and trailers skipped', async () => {
    const text =
      'PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;name=value\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n';
    expect(await exchange(text + get('/next'), echo)).toMatch(/PUT \/x abc0123456789HTTP.*GET \/next $/s);
  });

  test('lines may end in a bare LF, and empty lines may stand before a request', async () => {
    expect(await exchange('\r\n\nGET / HTTP/1.1\nHost: x\n\n', echo)).toContain('GET / ');
  });

  test('names are lower case, repeated ones joined, values trimmed', async () => {
    const { client, over, requests } = connect(echo);
    await client.sink.write(utf8(get('/', 'X-A:  1 \r\nx-a: 2\r\n__proto__: 3\r\n')));
    await client.sink.close();
    await over;
    expect(requests[0]?.headers['x-a']).toBe('1, 2');
    expect(Object.keys(requests[0]?.headers ?? {})).toContain('__proto__');
  });

  test('a target in absolute form loses its host', async () => {
    expect(await exchange(get('http://docker/info?a=b'), echo)).toContain('GET /info?a=b ');
    expect(await exchange(get('http://docker'), echo)).toContain('GET / ');
  });

  test('a body the handler leaves is skipped', async () => {
    const lazy: HttpHandler = ({ target }) => Promise.resolve(plain(target));
    expect(await exchange(`POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ${get('/b')}`, lazy)).toMatch(/\/aHTTP.*\/b$/s);
  });

  test('a body too long to skip ends the connection behind the answer', async () => {
    const lazy: HttpHandler = () => Promise.resolve(plain('no'));
    const { client, over } = connect(lazy);
    await client.sink.write(utf8('POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n'));
    expect(await readUntil(client, 'no')).toContain('200 OK');
    const flood = async (): Promise<void> => {
      for (let sent = 0; sent < 9_999_999; sent += 65_536) await client.sink.write(new Uint8Array(65_536));
    };
    await expect(flood()).rejects.toMatchObject({ kind: 'cancelled' });
    await over;
  });
});

describe('what is not a request is refused and the connection closed', () => {
  test.each([
    ['garbage', 'hello\r\n\r\n', '400 Bad Request'],
    ['binary garbage', '\x16\x03\x01\x02\x00\x01\x00\n\n', '400 Bad Request'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505 HTTP Version Not Supported'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400 Bad Request'],
    ['a name with a space', get('/', 'A : 1\r\n'), '400 Bad Request'],
    ['a folded line', get('/', 'A: 1\r\n 2\r\n'), '400 Bad Request'],
    ['a control character', get('/', 'A: \x00\r\n'), '400 Bad Request'],
    ['a carriage return inside a line', get('/', 'A: 1\rB: 2\r\n'), '400 Bad Request'],
    ['two lengths', get('/', 'Content-Length: 1\r\nContent-Length: 2\r\n'), '400 Bad Request'],
    ['a negative length', get('/', 'Content-Length: -1\r\n'), '400 Bad Request'],
    ['a length in hexadecimal', get('/', 'Content-Length: 0x10\r\n'), '400 Bad Request'],
    ['length and chunks', get('/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), '400 Bad Request'],
    ['another encoding', get('/', 'Transfer-Encoding: gzip, chunked\r\n'), '501 Not Implemented'],
    ['a path without a slash', get('info'), '400 Bad Request'],
  ])('%s', async (_, sent, status) => {
    const received = await exchange(sent + get('/after'), echo);
    expect(received).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(received).toContain('Connection: close\r\n');
    expect(received).not.toContain('/after');
  });

  test('a head longer than the limit', async () => {
    const long = 'a'.repeat(600);
    expect(await exchange(get('/', `A: ${long}\r\nB: ${long}\r\n`), echo, { maxHeadBytes: 1000 })).toContain('431 ');
    expect(await exchange(get(`/${long}${long}`), echo, { maxHeadBytes: 1000 })).toContain('431 ');
  });

  test('chunks that are none reach the handler as an error, which it can answer', async () => {
    const handler: HttpHandler = async ({ body }) =>
      readAll(body).then(
        () => plain('read'),
        (error: AppError) => plain(error.message, 400),
      );
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    for (const bad of ['zz\r\n', '3\r\nabcd\r\n', '-1\r\n', `${'f'.repeat(20)}\r\n`]) {
      expect(await exchange(head + bad, handler)).toContain('400 Bad Request');
    }
    expect(await exchange(`${head}3\r\nab`, handler)).toContain('unexpected EOF');
  });

  test('what stands behind a malformed body is not taken for a request', async () => {
    const handler: HttpHandler = ({ target, body }) =>
      readAll(body).then(
        () => plain(target),
        () => plain('bad', 400),
      );
    const answer = await exchange(
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n0\r\n\r\n${get('/after')}`,
      handler,
    );
    expect(answer).toContain('Connection: close\r\n');
    expect(answer).not.toContain('/after');
  });

  test('an end inside a head is an end', async () => {
    expect(await exchange('GET / HT', echo)).toBe('');
    expect(await exchange('', echo)).toBe('');
  });
});

describe('answers', () => {
  const streaming =
    (chunks: readonly string[]): HttpHandler =>
    () =>
      Promise.resolve({ status: 200, headers: {}, body: sourceOf(...chunks.map(utf8)) });

  test('a body of unknown length goes out in chunks', async () => {
    expect(await exchange(get('/'), streaming(['hello', '', ' world!']))).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n world!\r\n0\r\n\r\n',
    );
  });

  test('a body of a length that is told is sent as it is, and one that is shorter or longer ends the connection', async () => {
    const told = (...chunks: string[]): HttpHandler => {
      const body = (): HttpResponse => ({ status: 200, headers: { 'content-length': '10' }, body: sourceOf(...chunks.map(utf8)) });
      return () => Promise.resolve(body());
    };
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
    expect(await exchange(get('/') + get('/'), told('hello', 'world'))).toBe(`${head}helloworld${head}helloworld`);
    for (const chunks of [['hello'], ['hello', 'world', '!']]) {
      const { client, over } = connect(told(...chunks));
      await client.sink.write(utf8(get('/') + get('/')));
      await expect(readAll(client.source)).rejects.toThrow('the body has not the length that was told');
      await over;
    }
  });

  test('to a client of 1.0 it ends with the connection', async () => {
    expect(await exchange('GET / HTTP/1.0\r\n\r\n', streaming(['a', 'b']))).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab');
  });

  test('a client of 1.0 may ask to keep the connection', async () => {
    const received = await exchange(
      'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c HTTP/1.0\r\n\r\n',
      echo,
    );
    expect(received).toContain('Connection: keep-alive');
    expect(received).toMatch(/GET \/b $/);
  });

  test('the head goes out before there is a body', async () => {
    const body = createPipe();
    const { client, over } = connect(() => Promise.resolve({ status: 200, headers: {}, body: body.source }));
    await client.sink.write(utf8(get('/')));
    await readUntil(client, 'chunked\r\n\r\n');
    await body.sink.write(utf8('late'));
    await readUntil(client, 'late\r\n');
    await body.sink.close();
    await readUntil(client, '0\r\n\r\n');
    await client.sink.close();
    await over;
  });

  test('HEAD gets the head of the answer and nothing else', async () => {
    expect(await exchange(`HEAD / HTTP/1.1\r\nHost: x\r\n\r\n${get('/')}`, () => Promise.resolve(plain('hello')))).toMatch(
      /Content-Length: 5\r\n\r\nHTTP\/1.1 200 OK.*hello$/s,
    );
  });

  test('204 and 304 have neither body nor length', async () => {
    expect(await exchange(get('/'), () => Promise.resolve({ status: 204, headers: {}, body: null }))).toBe(
      'HTTP/1.1 204 No Content\r\n\r\n',
    );
    expect(await exchange(get('/'), () => Promise.resolve({ status: 304, headers: {}, body: null }))).toBe(
      'HTTP/1.1 304 Not Modified\r\n\r\n',
    );
  });

  test('Connection: close is honoured', async () => {
    expect(await exchange(get('/a', 'Connection: close\r\n') + get('/b'), echo)).toMatch(/Connection: close\r\n\r\nGET \/a $/);
  });

  test('a header cannot smuggle another line in', async () => {
    const response: HttpResponse = { status: 200, headers: { 'x-a': 'b\r\nEvil: yes' }, body: null };
    expect(await exchange(get('/'), () => Promise.resolve(response))).not.toContain('\r\nEvil');
  });

  test('a handler that breaks its word and rejects is a 500', async () => {
    expect(await exchange(get('/'), () => Promise.reject(new Error('oh')))).toContain('500 Internal Server Error');
  });

  test('a body that fails half way breaks the connection, so that the client does not take it for whole', async () => {
    const body = createPipe();
    const { client, over } = connect(() => Promise.resolve({ status: 200, headers: {}, body: body.source }));
    await client.sink.write(utf8(get('/')));
    await body.sink.write(utf8('half'));
    await readUntil(client, 'half\r\n');
    body.sink.abort(new AppError('internal', 'lost'));
    await expect(client.source.read()).rejects.toThrow('lost');
    await over;
  });
});

describe('Expect: 100-continue', () => {
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n';

  test('the client is told to go on when the body is read', async () => {
    const { client, over } = connect(echo);
    await client.sink.write(utf8(head));
    expect(await readUntil(client, '\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    await client.sink.write(utf8('ok'));
    expect(await readUntil(client, 'ok')).toContain('200 OK');
    await client.sink.close();
    await over;
  });

  test('an answer without reading it closes the connection', async () => {
    const { client, over } = connect(() => Promise.resolve(plain('no', 400)));
    await client.sink.write(utf8(head));
    expect(fromUtf8(await readAll(client.source))).toContain('Connection: close');
    await over;
  });
});

describe('a client that goes away', () => {
  test.each([
    ['in the middle of a request', 'GET / HT'],
    ['after what is none', 'nonsense\r\n\r\n'],
  ])('%s, with the machine it is on, is nobody to be told anything', async (_name, text) => {
    const gone = () => Promise.reject(new AppError('unavailable', 'the machine is gone'));
    const sink = { write: gone, close: gone, abort: () => undefined };
    await expect(serve({ source: sourceOf(utf8(text)), sink }, () => gone(), { transport: 'unix' })).resolves.toBeUndefined();
  });

  const waiting = (): { readonly handler: HttpHandler; readonly aborted: Promise<void> } => {
    let report: () => void = () => undefined;
    const aborted = new Promise<void>((resolve) => {
      report = resolve;
    });
    const handler: HttpHandler = ({ signal }) =>
      new Promise((resolve) => {
        const late = (): void => {
          report();
          resolve(plain('late'));
        };
        if (signal.aborted) late();
        else signal.addEventListener('abort', late);
      });
    return { handler, aborted };
  };

  test('aborts the request that is being answered', async () => {
    const { handler, aborted } = waiting();
    const { client, over } = connect(handler);
    await client.sink.write(utf8(get('/')));
    await client.sink.close();
    await aborted;
    await over;
  });

  test('aborts it though the handler left the body that came with it', async () => {
    const { handler, aborted } = waiting();
    const { client, over } = connect(handler);
    await client.sink.write(utf8('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'));
    await client.sink.close();
    await aborted;
    await over;
  });

  test('aborts it when it goes in the middle of the body', async () => {
    const { client, over, requests } = connect(async ({ body }) => plain(fromUtf8(await readAll(body).catch(() => utf8('cut')))));
    await client.sink.write(utf8('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{}'));
    await client.sink.close();
    await over;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('aborts it also when the connection broke', async () => {
    const { handler, aborted } = waiting();
    const { client, over } = connect(handler);
    await client.sink.write(utf8(get('/')));
    client.sink.abort(new Error('reset'));
    await aborted;
    await over;
  });

  test('cancels the body that it was reading', async () => {
    const body = createPipe();
    const { client, over } = connect(() => Promise.resolve({ status: 200, headers: {}, body: body.source }));
    await client.sink.write(utf8(get('/')));
    await readUntil(client, '\r\n\r\n');
    client.source.cancel();
    await body.sink.write(utf8('into the void'));
    await over;
    await expect(body.sink.write(utf8('x'))).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('a pipelined request behind is not a sign of it', async () => {
    const first = createPipe();
    const { client, over, requests } = connect(async ({ target }) => {
      if (target === '/a') await first.source.read();
      return plain(target);
    });
    await client.sink.write(utf8(get('/a') + get('/b')));
    await first.sink.write(utf8('go'));
    await readUntil(client, '/b');
    expect(requests[0]?.signal.aborted).toBe(false);
    await client.sink.close();
    await over;
  });
});

describe('taking the connection over', () => {
  const upgradeHead = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
  const shout: HttpHandler = async ({ body }) => {
    const given = fromUtf8(await readAll(body));
    return {
      status: 101,
      headers: { 'content-type': 'application/vnd.docker.raw-stream', connection: 'Upgrade', upgrade: 'tcp' },
      body: null,
      hijack: async ({ source, sink }) => {
        await sink.write(utf8(`[${given}]`));
        for await (const chunk of iterate(source)) await sink.write(utf8(fromUtf8(chunk).toUpperCase()));
        await sink.write(utf8('!'));
      },
    };
  };

  test('101 and then raw bytes; what stood behind the body belongs to the stream', async () => {
    const sent = `POST /exec HTTP/1.1\r\nHost: x\r\n${upgradeHead}Content-Length: 2\r\n\r\n{}stdin`;
    expect(await exchange(sent, shout)).toBe(
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n[{}]STDIN!',
    );
  });

  test('the client may close its half at once and still reads everything', async () => {
    let aborted = false;
    const handler: HttpHandler = async ({ signal }) => ({
      status: 101,
      headers: {},
      body: null,
      hijack: async ({ source, sink }) => {
        signal.addEventListener('abort', () => (aborted = true));
        expect(await source.read()).toBeNull();
        for (let count = 0; count < 100; count += 1) await sink.write(new Uint8Array(65_536));
      },
    });
    const { client, over } = connect(handler);
    await client.sink.write(utf8(get('/', upgradeHead)));
    await client.sink.close();
    const received = await readAll(client.source);
    expect(received.length).toBeGreaterThan(100 * 65_536);
    await over;
    expect(aborted).toBe(false);
  });

  test("100 MB through it arrive unchanged, at the reader's pace", async () => {
    const total = 100 * 1024 * 1024;
    const chunk = Uint8Array.from({ length: 65_536 }, (_, index) => index % 251);
    const { client, over } = connect(async () => ({
      status: 101,
      headers: {},
      body: null,
      hijack: async ({ sink }) => {
        for (let sent = 0; sent < total; sent += chunk.length) await sink.write(chunk);
      },
    }));
    await client.sink.write(utf8(get('/', upgradeHead)));
    await readUntil(client, '\r\n\r\n');
    let size = 0;
    let equal = true;
    for await (const piece of iterate(client.source)) {
      equal &&= piece.length === chunk.length && piece[100] === chunk[100];
      size += piece.length;
    }
    expect({ size, equal }).toEqual({ size: total, equal: true });
    await over;
  });

  test('without Upgrade the answer is 200 and the same bytes', async () => {
    const handler: HttpHandler = async () => ({
      status: 200,
      headers: { 'content-type': 'x' },
      body: null,
      hijack: async ({ sink }) => sink.write(utf8('raw')),
    });
    expect(await exchange(get('/'), handler)).toBe('HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\nraw');
  });

  test('a body of known length that nobody read is not part of the stream', async () => {
    const handler: HttpHandler = async () => ({
      status: 200,
      headers: {},
      body: null,
      hijack: async ({ source, sink }) => sink.write(await readAll(source)),
    });
    expect(await exchange('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}stdin', handler)).toMatch(/\r\n\r\nstdin$/);
  });

  test('a chunked body that is still open is the stream, without its chunks', async () => {
    const handler: HttpHandler = async () => ({
      status: 200,
      headers: {},
      body: null,
      hijack: async ({ source, sink }) => sink.write(await readAll(source)),
    });
    const { client, over } = connect(handler);
    await client.sink.write(utf8('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'));
    await readUntil(client, '\r\n\r\n');
    await client.sink.write(utf8('5\r\nstdin\r\n0\r\n\r\n'));
    expect(fromUtf8(await readAll(client.source))).toBe('stdin');
    await over;
  });

  test('a connection that breaks aborts the request of the stream', async () => {
    const { client, over, requests } = connect(async () => ({
      status: 101,
      headers: {},
      body: null,
      hijack: async ({ source }) => void (await source.read().catch(() => null)),
    }));
    await client.sink.write(utf8(get('/', upgradeHead)));
    await readUntil(client, '\r\n\r\n');
    client.sink.abort(new Error('reset'));
    await over;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('a client that closes its half and goes later is looked for', async () => {
    const { client, over, requests } = connect(
      async ({ signal }) => ({
        status: 101,
        headers: {},
        body: null,
        hijack: async ({ source }) => {
          await source.read();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        },
      }),
      { probeMilliseconds: 1 },
    );
    await client.sink.write(utf8(get('/', upgradeHead)));
    await readUntil(client, '\r\n\r\n');
    await client.sink.close();
    client.source.cancel();
    await over;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('a client that is gone before the answer still has its session ended', async () => {
    let taken: (aborted: boolean) => void = () => undefined;
    const told = new Promise<boolean>((resolve) => {
      taken = resolve;
    });
    const { client, over } = connect(async ({ signal }) => {
      client.source.cancel();
      return { status: 101, headers: {}, body: null, hijack: async () => taken(signal.aborted) };
    });
    await client.sink.write(utf8(get('/', upgradeHead)));
    expect(await told).toBe(true);
    await over;
  });
});

test('any cut of a valid exchange gives the same answers', async () => {
  const text = utf8(`POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n0\r\n\r\n${get('/y')}`);
  const whole = await exchange([text], echo);
  for (let cut = 1; cut < text.length; cut += 1) expect(await exchange([text.slice(0, cut), text.slice(cut)], echo)).toBe(whole);
  expect(concatBytes([text])).toEqual(text);
});

test('whatever a client sends, the connection ends and what came back is HTTP', async () => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(
        ...[
          'GET / HTTP/1.1\r\n',
          'POST /x HTTP/1.1\r\n',
          'Host: x\r\n',
          'Content-Length: 3\r\n',
          'Transfer-Encoding: chunked\r\n',
          '\r\n',
          '3\r\nabc\r\n',
          '0\r\n\r\n',
          'Expect: 100-continue\r\n',
        ].map(utf8),
      ),
    ),
  );
  const handler: HttpHandler = async (request) => echo(request).catch(() => plain('bad', 400));
  await fc.assert(
    fc.asyncProperty(pieces, async (chunks) => {
      const answer = await exchange(chunks, handler);
      expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('bytes of requests that are not whole', () => {
  test('are counted over all connections, and given back when they are whole or gone', async () => {
    const total = new ByteTotal(10_000);
    const [client, server] = createDuplexPair();
    const reader = new ConnectionReader(server.source, total);
    const line = reader.readLine(100_000);
    for (let count = 0; count < 10; count += 1) await client.sink.write(utf8('x'.repeat(100)));
    await client.sink.write(utf8('\n'));
    expect(await line).toHaveLength(1000);
    expect(total.bytes).toBe(0);
    const more = reader.readLine(100_000);
    for (let count = 0; count < 10; count += 1) await client.sink.write(utf8('x'.repeat(1000)));
    await expect(more).rejects.toMatchObject({ kind: 'unavailable' });
    expect(total.bytes).toBeGreaterThan(0);
    reader.release();
    expect(total.bytes).toBe(0);
  });

  test('are refused with 503 when there are too many, and /_ping of another is answered', async () => {
    const before = pendingRequests.bytes;
    const holders = Array.from({ length: 80 }, () => connect(echo));
    for (const { client } of holders)
      for (let count = 0; count < 3; count += 1)
        await client.sink.write(utf8(count === 0 ? `GET /x?${'q'.repeat(300_000)}` : 'q'.repeat(300_000))).catch(() => undefined);
    expect(pendingRequests.bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    const refused = holders.at(-1)?.client;
    expect(refused === undefined ? '' : await readUntil(refused, '\r\n')).toContain('HTTP/1.1 503');
    expect(await exchange(get('/_ping'), echo)).toContain('GET /_ping ');
    for (const { client } of holders) client.sink.abort();
    for (const { over } of holders) await over;
    expect(pendingRequests.bytes).toBe(before);
  });
});
