import { describe, expect, test, vi } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { createDuplexPair, readAll } from '../../base/streams.ts';
import type { AnsweredRequest } from '../../engine/outside/way.ts';
import { PageWay } from './page-way.ts';

type Asked = { url: string; method: string; headers: Record<string, string>; body: string; mode: string };

/** A page whose browser answers as told. */
function page(answer: (asked: Asked) => Response | Promise<Response>, { secure = false } = {}) {
  const asked: Asked[] = [];
  const browser = vi.fn<typeof fetch>(async (input, init = {}) => {
    const { body = null, headers = {}, method = 'GET', mode = '' } = init;
    const text = body instanceof Uint8Array ? fromUtf8(body) : '';
    const one = { url: String(input), method, headers: Object.fromEntries(new Headers(headers)), body: text, mode };
    asked.push(one);
    return answer(one);
  });
  const way = new PageWay({ fetch: browser, secure });
  const told: AnsweredRequest[] = [];
  const open = (port = 80, name: string | null = 'web.test') => {
    const [guest, other] = createDuplexPair();
    const over = way.serve({ name, address: '198.18.0.1', port }, other, (request) => told.push(request));
    over.catch(() => undefined);
    return { guest, over };
  };
  const say = async (text: string, ...where: Parameters<typeof open>): Promise<string> => {
    const { guest } = open(...where);
    await guest.sink.write(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    await guest.sink.close();
    return fromUtf8(await readAll(guest.source));
  };
  return { way, asked, told, open, say };
}

const get = (more = ''): string => `GET /a?b HTTP/1.1\r\nHost: web.test\r\n${more}\r\n`;
const cors = (): Promise<never> => Promise.reject(new TypeError('Failed to fetch'));

describe('plain HTTP', () => {
  test('is asked by the browser, in its own framing, and told of', async () => {
    const headers = {
      'content-type': 'text/plain',
      'content-encoding': 'gzip',
      'content-length': '3',
      connection: 'close',
      'x-own': 'yes',
    };
    const { asked, told, say } = page(() => new Response('hello', { headers }));
    const sent = 'Accept: */*\r\nUser-Agent: curl\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-Own: 2\r\nCookie: a=b\r\nIf-None-Match: "x"\r\n';
    const said = await say(get(sent));
    expect(asked).toMatchObject([{ url: 'http://web.test/a?b', method: 'GET', headers: { accept: '*/*', 'x-own': '2' }, mode: 'cors' }]);
    expect(Object.keys(asked[0]?.headers ?? {})).toEqual(['accept', 'x-own']);
    expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Transfer-Encoding: chunked\r\n[^]*\r\n5\r\nhello\r\n0\r\n\r\n$/);
    expect(said).toContain('X-Own: yes');
    expect(said).not.toMatch(/content-encoding|content-length|connection: close/i);
    expect(told).toEqual([{ by: 'fetch', method: 'GET', target: '/a?b', status: 200, problem: null }]);
  });

  test('several requests of one connection, with bodies, are answered in order, on other ports as well', async () => {
    const { asked, say } = page(({ method, body }) => new Response(`${method} ${body}`));
    const said = await say(
      'POST /1 HTTP/1.1\r\nHost: web.test:8080\r\nContent-Length: 3\r\n\r\nabc' +
        'PUT /2 HTTP/1.1\r\nHost: WEB.test:8080\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\nHEAD /3 HTTP/1.1\r\nHost: web.test\r\n\r\n',
      8080,
    );
    expect(asked.map(({ url }) => url)).toEqual(['http://web.test:8080/1', 'http://web.test:8080/2', 'http://web.test:8080/3']);
    expect(said).toMatch(/POST abc[^]*PUT de[^]*200 OK[^]*$/);
  });

  test('is asked over https where the page came so', async () => {
    const { asked, say } = page(() => new Response(''), { secure: true });
    await say(get());
    await say(get(), 8080);
    expect(asked.map(({ url }) => url)).toEqual(['https://web.test/a?b', 'https://web.test:8080/a?b']);
  });

  test('that the browser may not read is an error which says who refused, and why', async () => {
    const refusing = page(({ mode }) => (mode === 'no-cors' ? new Response(null) : cors()));
    const said = await refusing.say(get());
    expect(said).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(said).toContain(
      'http://web.test/a?b could not be read: web.test answers, but does not let pages of other origins read it (CORS)',
    );
    expect(refusing.told[0]).toMatchObject({ status: 502, problem: expect.stringContaining('(CORS)') });
    const absent = page(cors);
    expect(await absent.say(get())).toContain('web.test does not answer over http');
  });

  test('a loop of redirects is an error of the browser’s', async () => {
    const { say } = page(() => Promise.reject(new TypeError('Failed to fetch: too many redirects')));
    expect(await say(get())).toMatch(/^HTTP\/1\.1 502 /);
  });
});

describe('what would be another request than it looks', () => {
  test('is refused: two lengths, a length and chunks, another host, a method that browsers do not send', async () => {
    const { asked, say } = page(() => new Response(''));
    const both =
      'POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n';
    expect(await say(both)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say('POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await say('GET / HTTP/1.1\r\nHost: web.test\r\nX : y\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(asked).toEqual([]);
    expect(await say('GET / HTTP/1.1\r\nHost: other.test\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await say('CONNECT x:443 HTTP/1.1\r\nHost: web.test\r\n\r\n')).toMatch(/^HTTP\/1\.1 (?:400|501) /);
    expect(await say('TRACE / HTTP/1.1\r\nHost: web.test\r\n\r\n')).toMatch(/^HTTP\/1\.1 501 /);
    expect(asked).toEqual([]);
  });

  test('headers of an answer stay headers, and its target cannot leave the host', async () => {
    const sneaky = new Response('x');
    Object.defineProperty(sneaky, 'headers', {
      value: { get: () => null, [Symbol.iterator]: () => [['x-a', 'b\r\nSet-Cookie: c']][Symbol.iterator]() },
    });
    const { say, asked } = page(() => sneaky);
    expect(await say(get())).not.toMatch(/\nSet-Cookie/);
    await say('GET @evil.test/ HTTP/1.1\r\nHost: web.test\r\n\r\n');
    await say('GET http://evil.test/x HTTP/1.1\r\nHost: web.test\r\n\r\n');
    await say('GET //evil.test/x HTTP/1.1\r\nHost: web.test\r\n\r\n');
    for (const { url } of asked) expect(new URL(url).host).toBe('web.test');
  });

  test('a head or a body without end is refused, and nothing of it is kept', async () => {
    const { say, asked } = page(() => new Response(''));
    expect(await say(`GET / HTTP/1.1\r\nHost: web.test\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await say(`GET /${'y'.repeat(70_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
    const long = `POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: ${17 * 1024 * 1024}\r\n\r\n`;
    const { guest } = page(() => new Response('')).open();
    await guest.sink.write(utf8(long));
    const sending = (async () => {
      for (let sent = 0; sent < 17; sent += 1) await guest.sink.write(new Uint8Array(1024 * 1024));
    })();
    sending.catch(() => undefined);
    expect(fromUtf8((await guest.source.read()) ?? new Uint8Array())).toMatch(/^HTTP\/1\.1 413 /);
    expect(asked).toEqual([]);
  });
});

describe('without a relay', () => {
  test('TLS is refused at once, by its port or by how it begins, and so is what is no HTTP', async () => {
    const { open, asked } = page(() => new Response(''));
    await expect(open(443).over).rejects.toThrow('TLS needs a relay: settings, network');
    await expect(open(22).over).rejects.toThrow('whatever is not plain HTTP needs a relay');
    for (const [bytes, words] of [
      [[0x16, 3, 1, 2, 0], 'TLS needs a relay'],
      [[0, 1, 2, 3], 'not plain HTTP needs a relay'],
      [[...utf8('hello there')], 'not plain HTTP needs a relay'],
      [Array<number>(40).fill(65), 'not plain HTTP needs a relay'],
    ] as const) {
      const { guest, over } = open(8443);
      await guest.sink.write(Uint8Array.from(bytes));
      await expect(over).rejects.toThrow(words);
    }
    expect(asked).toEqual([]);
  });

  test('a request that comes byte by byte is one', async () => {
    const { open, asked } = page(() => new Response(''));
    const { guest } = open(8080);
    for (const byte of utf8(get())) await guest.sink.write(Uint8Array.of(byte));
    await guest.sink.close();
    await readAll(guest.source);
    expect(asked).toHaveLength(1);
  });

  test('names are there as long as the browser is online', async () => {
    let online = true;
    const way = new PageWay({ fetch, secure: false, isOnline: () => online });
    expect(await way.lookUp()).toBe('found');
    online = false;
    expect(await way.lookUp()).toBe('unreachable');
  });
});

test('a slow reader holds back the answer', async () => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  const { open } = page(() => new Response(body));
  const { guest } = open();
  await guest.sink.write(utf8(get()));
  await expect.poll(() => pulled).toBeGreaterThan(3);
  let before = -1;
  await expect
    .poll(
      () => {
        const still = before === pulled;
        before = pulled;
        return still;
      },
      { interval: 100 },
    )
    .toBe(true);
  expect(pulled).toBeLessThan(16);
  guest.source.cancel();
});
