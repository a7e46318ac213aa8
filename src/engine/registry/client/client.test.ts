import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { readAll, sourceOf } from '../../../base/streams.ts';
import { decodeBase64 } from '../../../grammar/base64.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../../protocol/http.ts';
import { digestOf } from '../../content/verified.ts';
import { systemClock, type Clock } from '../../clock.ts';
import { settle, TestClock } from '../../testing/clock.ts';
import type { RegistryAuth } from '../hosts.ts';
import { parseChallenge } from './auth.ts';
import { RegistryClient } from './client.ts';
import { Repository } from './repository.ts';

const { signal } = new AbortController();

function answer(status: number, headers: Record<string, string> = {}, body: HttpResponse['body'] = null): HttpResponse {
  return { status, headers, body };
}

function repository(handler: HttpHandler, { auth = {}, clock = instantClock() }: { auth?: RegistryAuth; clock?: Clock } = {}) {
  return new Repository(new RegistryClient({ hosts: () => handler, host: 'registry.test', auth, clock }), 'ann/app');
}

/** Waits that are no silence pass at once. */
function instantClock(): Clock {
  const clock = systemClock();
  return { now: () => clock.now(), after: (milliseconds, end) => clock.after(milliseconds === 60_000 ? milliseconds : 0, end) };
}

/** Keeps uploads; `cut` says after how many bytes of a piece the connection breaks. */
function uploadServer(cut: (piece: number) => number | null) {
  const received: number[] = [];
  const asked: string[] = [];
  let [pieces, whole] = [0, false];
  const handler: HttpHandler = async ({ method, target, body }) => {
    asked.push(`${method} ${target.replace(/\?.*/, '')}`);
    if (target === '/v2/') return answer(200);
    if (method === 'HEAD') return answer(whole ? 200 : 404);
    if (method === 'POST') return answer(202, { location: 'http://registry.test/v2/ann/app/blobs/uploads/1?_state=a' });
    const range = { location: '/v2/ann/app/blobs/uploads/1?_state=b', range: `0-${Math.max(0, received.length - 1)}` };
    if (method === 'GET') return answer(204, { ...range, range: `0-${Math.max(0, received.length - 1)}` });
    const bytes = await readAll(body);
    if (method === 'PATCH') {
      const end = cut(pieces++);
      for (const byte of end === null ? bytes : bytes.subarray(0, end)) received.push(byte);
      if (end !== null) throw new AppError('cancelled', 'EOF');
      return answer(202, { ...range, range: `0-${received.length - 1}` });
    }
    whole = target.endsWith(`digest=${encodeURIComponent(digestOf(Uint8Array.from(received)))}`);
    return answer(whole ? 201 : 400);
  };
  return { handler, received, asked };
}

const bytes = Uint8Array.from({ length: 5_000_000 }, (_, at) => (at * 7) & 0xff);
const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(bytes), size: bytes.length };

function blob(heard: number[] = []) {
  const open = () => Promise.resolve(sourceOf(bytes.subarray(0, 3_000_000), bytes.subarray(3_000_000)));
  return { descriptor, open, onProgress: (at: number) => void heard.push(at), onRetry: (seconds: number) => void heard.push(-seconds) };
}

test('a blob goes in pieces, and on from where the registry says after the connection broke', async () => {
  const server = uploadServer((piece) => (piece === 1 ? 700_000 : piece === 2 ? 0 : null));
  const heard: number[] = [];
  expect(await repository(server.handler).upload(blob(heard), [], signal)).toEqual({ how: 'pushed' });
  expect(digestOf(Uint8Array.from(server.received))).toBe(descriptor.digest);
  expect(server.received).toHaveLength(bytes.length);
  expect(heard).toEqual([3_000_000, 3_700_000, 3_700_000, 5_000_000]);
  expect(await repository(server.handler).upload(blob(), [], signal)).toEqual({ how: 'exists' });
});

test('an upload that gets nowhere is begun again four times, later each time, and then given up', async () => {
  const handler: HttpHandler = ({ target }) =>
    target === '/v2/' ? Promise.resolve(answer(200)) : Promise.reject(new AppError('cancelled', 'EOF'));
  const heard: number[] = [];
  await expect(repository(handler).upload(blob(heard), [], signal)).rejects.toThrow(
    `Head "https://registry.test/v2/ann/app/blobs/${descriptor.digest}": EOF`,
  );
  expect(heard.filter((seconds) => seconds % 5 === 0 && seconds <= -5)).toContain(-20);
  expect(heard).toHaveLength(5 + 10 + 15 + 20);
});

test('a blob whose connection breaks is read on by range, or from its beginning where there are no ranges', async () => {
  for (const hasRanges of [true, false]) {
    const ranges: (string | undefined)[] = [];
    const handler: HttpHandler = ({ target, headers }) => {
      if (target === '/v2/') return Promise.resolve(answer(200));
      ranges.push(headers['range']);
      const from = hasRanges ? Number(/\d+/.exec(headers['range'] ?? '0')?.[0]) : 0;
      const rest = bytes.subarray(from);
      const isLast = ranges.length === 3;
      return Promise.resolve(
        answer(from > 0 ? 206 : 200, {}, isLast ? sourceOf(rest) : sourceOf(rest.subarray(0, 1_000_000 * ranges.length))),
      );
    };
    const source = await repository(handler).blob(descriptor, signal);
    expect(digestOf(await readAll(source))).toBe(descriptor.digest);
    expect(ranges).toEqual([undefined, 'bytes=1000000-', hasRanges ? 'bytes=3000000-' : 'bytes=2000000-']);
  }
});

test('a registry that is silent for a minute is given up', async () => {
  const clock = new TestClock();
  const asking = repository(() => new Promise(() => undefined), { clock }).manifest('1', signal);
  const over = expect(asking).rejects.toThrow('Get "https://registry.test/v2/": net/http: timeout awaiting response headers');
  await settle();
  await clock.advance(60_000);
  await over;
});

test('a token is asked for with the scope of what is done, once, and again when it is over', async () => {
  const asked: string[] = [];
  let [made, valid] = [0, 't1'];
  const handler: HttpHandler = ({ target, headers }: HttpRequest) => {
    asked.push(`${target} ${headers['authorization'] ?? ''}`);
    if (target.startsWith('/token')) return Promise.resolve(answer(200, {}, utf8(JSON.stringify({ token: `t${++made}` }))));
    if (headers['authorization'] === `Bearer ${valid}`) return Promise.resolve(answer(200, {}, utf8('{"tags":["1"]}')));
    return Promise.resolve(answer(401, { 'www-authenticate': 'Bearer realm="https://registry.test/token",service="here"' }));
  };
  const app = repository(handler, { auth: { username: 'ann', password: 'secret-12' } });
  await app.tags(signal);
  await app.tags(signal);
  valid = 't2';
  expect(await app.tags(signal)).toEqual(['1']);
  const query = new URLSearchParams(asked[1]?.split(' ')[0]?.split('?')[1]);
  expect([...query]).toEqual([
    ['service', 'here'],
    ['scope', 'repository:ann/app:pull'],
    ['account', 'ann'],
  ]);
  expect(decodeBase64(asked[1]?.split(' ')[2] ?? '')).toBe('ann:secret-12');
  const tags = '/v2/ann/app/tags/list Bearer';
  expect(asked.map((each) => each.replace(/\?.*/, ''))).toEqual([
    '/v2/ ',
    '/token',
    `${tags} t1`,
    `${tags} t1`,
    `${tags} t1`,
    '/token',
    `${tags} t2`,
  ]);
});

test('an identity token is a refresh token, a registry token goes as it is', async () => {
  const asked: string[] = [];
  const handler: HttpHandler = async ({ method, target, headers, body }) => {
    const text = fromUtf8(await readAll(body));
    asked.push(`${method} ${target} ${headers['authorization'] ?? ''}${text}`);
    if (target === '/token') return answer(200, {}, utf8('{"access_token":"abc"}'));
    return headers['authorization']?.startsWith('Bearer ') === true
      ? answer(200, {}, utf8('{"tags":null}'))
      : answer(401, { 'www-authenticate': 'Bearer realm="https://registry.test/token"' });
  };
  expect(await repository(handler, { auth: { identityToken: 'me' } }).tags(signal)).toEqual([]);
  expect(asked[1]).toBe('POST /token scope=repository%3Aann%2Fapp%3Apull&grant_type=refresh_token&refresh_token=me&client_id=docker');
  asked.length = 0;
  await repository(handler, { auth: { registryToken: 'raw' } }).tags(signal);
  expect(asked.at(-1)).toBe('GET /v2/ann/app/tags/list Bearer raw');
});

test('challenges are read as they are written', () => {
  expect(parseChallenge('Basic realm="x"')).toEqual({ scheme: 'basic' });
  expect(parseChallenge('Bearer realm="https://a/t",service="s",scope="repository:x:pull,push"')).toEqual({
    scheme: 'bearer',
    realm: 'https://a/t',
    service: 's',
    scope: 'repository:x:pull,push',
  });
  expect([parseChallenge(''), parseChallenge('Digest x'), parseChallenge('Bearer service="s"')]).toEqual([null, null, null]);
});

test('a registry with endless documents or tags is cut short', async () => {
  const endless: HttpHandler = ({ target }) =>
    Promise.resolve(
      target === '/v2/'
        ? answer(200)
        : target.includes('tags')
          ? answer(200, { link: `<${target}>; rel="next"` }, utf8(JSON.stringify({ tags: Array.from({ length: 3000 }, () => 'x') })))
          : answer(200, {}, { read: () => Promise.resolve(new Uint8Array(1024 * 1024)), cancel: () => undefined }),
    );
  await expect(repository(endless).manifest('1', signal)).rejects.toThrow('more than 8388608 bytes');
  expect(await repository(endless).tags(signal)).toHaveLength(10_000);
});
