import { beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { createPipe } from '../../../base/streams.ts';
import { digestOf } from '../../content/verified.ts';
import { settle } from '../../testing/clock.ts';
import { descriptorOf, manifestOf, ociManifest, testRegistries, type TestClient, type TestRegistries } from './testing/client.ts';

let all: TestRegistries;
let hub: TestClient;

beforeEach(async () => {
  all = testRegistries();
  hub = all.hub;
  await hub.login('me:password');
});

const text = '0123456789';
const digest = digestOf(utf8(text));

async function openUpload(name = 'me/app'): Promise<string> {
  const { status, headers } = await hub.send(`POST /v2/${name}/blobs/uploads/`);
  expect(status).toBe(202);
  return headers['location'] ?? '';
}

test('a blob that is sent in one request is there, whole and by its digest', async () => {
  const sent = await hub.send(`POST /v2/me/app/blobs/uploads/?digest=${digest}`, { body: text });
  expect(sent).toMatchObject({ status: 201, headers: { location: `/v2/me/app/blobs/${digest}`, 'docker-content-digest': digest } });
  expect(await hub.send(`GET /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 200, text, headers: { 'content-length': '10' } });
  expect(await hub.send(`HEAD /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 200, text: '', headers: { 'content-length': '10' } });
});

test('a blob comes in pieces, each where the one before ended, and is not found before the last', async () => {
  const location = await openUpload();
  const first = await hub.send(`PATCH ${location}`, { body: '0123', headers: { 'content-range': '0-3' } });
  expect(first).toMatchObject({ status: 202, headers: { range: '0-3', location } });
  expect(await hub.send(`HEAD /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 404 });
  const wrong = await hub.send(`PATCH ${location}`, { body: '45', headers: { 'content-range': '5-6' } });
  expect(wrong).toMatchObject({
    status: 416,
    headers: { range: '0-3', location },
    error: 'BLOB_UPLOAD_INVALID: the upload has 4 bytes so far',
  });
  expect(await hub.send(`GET ${location}`)).toMatchObject({ status: 204, headers: { range: '0-3' } });
  expect(await hub.send(`PATCH ${location}`, { body: '456' })).toMatchObject({ status: 202, headers: { range: '0-6' } });
  expect(await hub.send(`PUT ${location}?digest=${encodeURIComponent(digest)}`, { body: '789' })).toMatchObject({ status: 201 });
  expect(await hub.send(`GET /v2/me/app/blobs/${digest}`)).toMatchObject({ text });
  expect(await hub.send(`GET ${location}`)).toMatchObject({ status: 404, error: 'BLOB_UPLOAD_UNKNOWN: blob upload unknown to registry' });
});

test('a piece that is cut midway leaves what came, and the client goes on from there', async () => {
  const location = await openUpload();
  const cut = createPipe();
  const sending = hub.send(`PATCH ${location}`, { body: cut.source });
  await cut.sink.write(utf8('01234'));
  cut.sink.abort(new Error('reset'));
  // What was written before an abort may be dropped with it.
  expect((await sending).error).toContain('reset');
  const { headers } = await hub.send(`GET ${location}`);
  const came = headers['range'] === '0-4' ? 5 : 0;
  expect(await hub.send(`PATCH ${location}`, { body: text.slice(came), headers: { 'content-range': `${came}-9` } })).toMatchObject({
    status: 202,
  });
  expect(await hub.send(`PUT ${location}?digest=${digest}`)).toMatchObject({ status: 201 });
});

test('who goes away in the middle of a piece ends it, however long its body takes', async () => {
  const location = await openUpload();
  const silent = createPipe();
  const gone = new AbortController();
  const sending = hub.send(`PATCH ${location}`, { body: silent.source, signal: gone.signal });
  expect(await hub.send(`PATCH ${location}`, { body: 'x' })).toMatchObject({ status: 409 });
  gone.abort(new Error('gone'));
  expect((await sending).status).toBeGreaterThanOrEqual(400);
  expect(await hub.send(`PUT ${location}?digest=${digest}`, { body: text })).toMatchObject({ status: 201 });
});

test('content of another digest is refused, and nothing is left of it', async () => {
  const location = await openUpload();
  const sent = await hub.send(`PUT ${location}?digest=${digest}`, { body: 'another' });
  expect(sent).toMatchObject({ status: 400, error: 'DIGEST_INVALID: provided digest did not match uploaded content' });
  expect(await hub.send(`GET ${location}`)).toMatchObject({ status: 404 });
  expect(await hub.send(`HEAD /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 404 });
  expect(await all.kept()).toEqual([]);
});

test.each(['', 'sha256:abc', `sha512:${'a'.repeat(128)}`, `sha256:${'A'.repeat(64)}`, '../../etc/passwd'])(
  '"%s" is no digest',
  async (given) => {
    const location = await openUpload();
    expect(await hub.send(`PUT ${location}?digest=${encodeURIComponent(given)}`, { body: text })).toMatchObject({
      status: 400,
      error: 'DIGEST_INVALID: provided digest is not a sha256 digest',
    });
  },
);

test('an upload is cancelled, and is known in its own repository alone', async () => {
  const location = await openUpload();
  expect(await hub.send(`GET ${location.replace('me/app', 'me/other')}`)).toMatchObject({ status: 404 });
  expect(await hub.send(`DELETE ${location}`)).toMatchObject({ status: 204 });
  expect(await hub.send(`PATCH ${location}`, { body: 'x' })).toMatchObject({ status: 404 });
});

test('an upload that is idle for half an hour is forgotten, also one whose client says nothing', async () => {
  const location = await openUpload();
  await all.clock.advance(29 * 60_000);
  expect(await hub.send(`PATCH ${location}`, { body: '01' })).toMatchObject({ status: 202 });
  await all.clock.advance(29 * 60_000);
  expect(await hub.send(`GET ${location}`)).toMatchObject({ status: 204 });
  const silent = createPipe();
  const sending = hub.send(`PATCH ${location}`, { body: silent.source });
  await settle();
  await all.clock.advance(30 * 60_000);
  expect((await sending).status).toBe(400);
  expect(await hub.send(`GET ${location}`)).toMatchObject({ status: 404 });
  expect(all.clock.next).toBeNull();
});

test('no more than 64 uploads are open at once', async () => {
  const locations = await Promise.all(Array.from({ length: 64 }, () => openUpload()));
  expect(await hub.send('POST /v2/me/app/blobs/uploads/')).toMatchObject({ status: 429 });
  await hub.send(`DELETE ${locations[0] ?? ''}`);
  expect(await hub.send('POST /v2/me/app/blobs/uploads/')).toMatchObject({ status: 202 });
});

test('a body without end is refused with what uploads may have, and is read no further', async () => {
  const chunk = new Uint8Array(64 * 1024 * 1024);
  // As the store of a host that has files: nothing is kept in memory here.
  const blobs = {
    ...all.blobs,
    stage: () => Promise.resolve({ write: () => Promise.resolve(), commit: () => Promise.resolve(), abort: () => Promise.resolve() }),
  };
  const noHash = () => Promise.resolve({ update: () => undefined, digest: () => new Uint8Array(32) });
  const { hub: other } = testRegistries(blobs, noHash);
  await other.login('me:password');
  let read = 0;
  const endless = { read: () => Promise.resolve((read += 1) > 100 ? null : chunk), cancel: () => undefined };
  const { headers } = await other.send('POST /v2/me/app/blobs/uploads/');
  expect(await other.send(`PATCH ${headers['location'] ?? ''}`, { body: endless })).toMatchObject({ status: 413 });
  expect(read).toBe(17);
});

test.each([
  ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
  ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=7-400', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-40', 206, text, 'bytes 0-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=-0', 416, '', 'bytes */10'],
  ['bytes=5-3', 200, text, undefined],
  ['bytes=0-1,4-5', 200, text, undefined],
  ['lines=1-2', 200, text, undefined],
])('of "Range: %s" the answer is %s', async (range, status, body, contentRange) => {
  await hub.pushBlob('me/app', text);
  const answer = await hub.send(`GET /v2/me/app/blobs/${digest}`, { headers: { range } });
  expect(answer).toMatchObject({ status, text: body });
  expect(answer.headers['content-range']).toBe(contentRange);
});

test('a blob of one repository is not one of another until it is mounted there, and is kept once', async () => {
  await hub.pushBlob('me/app', text);
  expect(await hub.send(`HEAD /v2/me/other/blobs/${digest}`)).toMatchObject({ status: 404 });
  const mounted = await hub.send(`POST /v2/me/other/blobs/uploads/?mount=${digest}&from=me/app`);
  expect(mounted).toMatchObject({ status: 201, headers: { location: `/v2/me/other/blobs/${digest}` } });
  expect(await hub.send(`GET /v2/me/other/blobs/${digest}`)).toMatchObject({ text });
  expect(await all.kept()).toEqual([digest]);
  const unknown = `sha256:${'0'.repeat(64)}`;
  expect(await hub.send(`POST /v2/me/other/blobs/uploads/?mount=${unknown}&from=me/app`)).toMatchObject({ status: 202 });
});

test('a blob is deleted, unless a manifest names it', async () => {
  await hub.pushBlob('me/app', text);
  await hub.pushImage('me/app', '1');
  const layer = descriptorOf('layer').digest;
  expect(await hub.send(`DELETE /v2/me/app/blobs/${layer}`)).toMatchObject({ status: 403, error: 'DENIED: a manifest names this blob' });
  expect(await hub.send(`DELETE /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 202 });
  expect(await hub.send(`DELETE /v2/me/app/blobs/${digest}`)).toMatchObject({
    status: 404,
    error: 'BLOB_UNKNOWN: blob unknown to registry',
  });
  expect(await all.kept()).not.toContain(digest);
});

test('blobs of a push that never came to its manifest are listed nowhere, wait for it an hour, and go', async () => {
  await hub.pushBlob('me/app', '{}');
  await hub.pushBlob('me/app', text);
  expect(await hub.send('GET /v2/_catalog')).toMatchObject({ text: '{"repositories":[]}\n' });
  expect(await hub.send('GET /v2/me/app/tags/list')).toMatchObject({
    status: 404,
    error: 'NAME_UNKNOWN: repository name not known to registry',
  });
  expect(all.registries.repositories()).toEqual([]);
  await all.clock.advance(59 * 60_000);
  await openUpload('me/other');
  expect(await hub.send(`HEAD /v2/me/app/blobs/${digest}`)).toMatchObject({ status: 200 });
  await all.clock.advance(59 * 60_000);
  await openUpload('me/other');
  expect(await all.kept()).toEqual([digest]);
  const manifest = manifestOf({ layers: [text] });
  const put = await hub.send('PUT /v2/me/app/manifests/1', { body: manifest, headers: { 'content-type': ociManifest } });
  expect(put).toMatchObject({ status: 400, error: 'MANIFEST_BLOB_UNKNOWN: manifest blob unknown to registry' });
});
