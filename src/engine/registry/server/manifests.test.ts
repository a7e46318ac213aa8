import { beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { digestOf } from '../../content/verified.ts';
import {
  descriptorOf,
  manifestOf,
  ociIndex,
  ociManifest,
  testRegistries,
  type TestAnswer,
  type TestClient,
  type TestRegistries,
} from './testing/client.ts';

let all: TestRegistries;
let hub: TestClient;

beforeEach(async () => {
  all = testRegistries();
  hub = all.hub;
  await hub.login('me:password');
});

function put(reference: string, body: string | Uint8Array, type = ociManifest): Promise<TestAnswer> {
  return hub.send(`PUT /v2/me/app/manifests/${reference}`, { body, headers: { 'content-type': type } });
}

test('a manifest is found by its tag and by its digest, byte for byte', async () => {
  const digest = await hub.pushImage('me/app', '1');
  const manifest = manifestOf({ layers: ['layer'] });
  const headers = { 'content-type': ociManifest, 'docker-content-digest': digest, 'content-length': String(manifest.length) };
  for (const reference of ['1', digest]) {
    expect(await hub.send(`GET /v2/me/app/manifests/${reference}`)).toMatchObject({ status: 200, text: manifest, headers });
    expect(await hub.send(`HEAD /v2/me/app/manifests/${reference}`)).toMatchObject({ status: 200, text: '', headers });
  }
  expect(digest).toBe(digestOf(utf8(manifest)));
  expect(await hub.send('GET /v2/me/app/manifests/2')).toMatchObject({ status: 404, error: 'MANIFEST_UNKNOWN: manifest unknown' });
  expect(all.registries.repositories()).toEqual([{ host: 'docker.io', name: 'me/app', tags: [['1', digest]] }]);
});

test('a tag that is pushed again is another manifest, and the one before is there by its digest', async () => {
  const before = await hub.pushImage('me/app', '1', { layer: 'one' });
  const after = await hub.pushImage('me/app', '1', { layer: 'two' });
  expect((await hub.send('HEAD /v2/me/app/manifests/1')).headers['docker-content-digest']).toBe(after);
  expect(await hub.send(`HEAD /v2/me/app/manifests/${before}`)).toMatchObject({ status: 200 });
});

test('Docker media types are taken as OCI ones are, a list with its manifests first', async () => {
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  await hub.pushBlob('me/app', '{}');
  const manifest = manifestOf({ more: { mediaType: type } });
  const list = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifests: [{ ...descriptorOf(manifest, type), platform: { os: 'linux', architecture: '386' } }],
  });
  const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';
  expect(await put('1', list, listType)).toMatchObject({ status: 400, error: 'MANIFEST_BLOB_UNKNOWN: manifest blob unknown to registry' });
  expect(await put(digestOf(utf8(manifest)), manifest, type)).toMatchObject({ status: 201 });
  expect(await put('1', list, listType)).toMatchObject({ status: 201 });
  expect(await hub.send('GET /v2/me/app/manifests/1')).toMatchObject({ text: list, headers: { 'content-type': listType } });
});

test('a manifest is refused whose config or layers are not there or have another size', async () => {
  expect(await put('1', manifestOf({}))).toMatchObject({ status: 400, error: 'MANIFEST_BLOB_UNKNOWN: manifest blob unknown to registry' });
  await hub.pushBlob('me/app', '{}');
  expect(await put('1', manifestOf({ layers: ['layer'] }))).toMatchObject({ status: 400 });
  const config = { ...descriptorOf('{}'), size: 3 };
  expect((await put('1', manifestOf({ more: { config } }))).error).toBe(`MANIFEST_INVALID: ${config.digest} has 2 bytes, not 3`);
  expect(all.registries.repositories()).toEqual([]);
  expect(await all.kept()).toEqual([descriptorOf('{}').digest]);
});

test.each([
  ['not JSON', 'x', ociManifest],
  ['an array', '[]', ociManifest],
  ['of schema 1', '{"schemaVersion":1}', ociManifest],
  ['deep', '['.repeat(20_000), ociManifest],
  ['with a digest that is none', manifestOf({ more: { config: { mediaType: 'x', digest: 'sha256:../../x', size: 1 } } }), ociManifest],
  ['with a negative size', manifestOf({ more: { config: { ...descriptorOf('{}'), size: -1 } } }), ociManifest],
  ['with 1001 layers', manifestOf({ layers: Array.from({ length: 1001 }, () => 'layer') }), ociManifest],
  ['of another type than it says', manifestOf({}), 'application/vnd.docker.distribution.manifest.v2+json'],
  ['of no type', manifestOf({}), ''],
  ['of a type that is none', manifestOf({}), 'text/plain'],
])('a manifest %s is refused', async (_, body, type) => {
  await hub.pushBlob('me/app', '{}');
  expect((await put('1', body, type)).error).toMatch(/^MANIFEST_INVALID: /);
});

test('a manifest larger than 4 MiB is refused, and one whose digest is not the one it is put by', async () => {
  expect(await put('1', new Uint8Array(4 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
  await hub.pushBlob('me/app', '{}');
  const other = `sha256:${'0'.repeat(64)}`;
  expect(await put(other, manifestOf({}))).toMatchObject({
    status: 400,
    error: 'DIGEST_INVALID: provided digest did not match uploaded content',
  });
});

test.each(['.hidden', '-x', 'a'.repeat(129), 'a b', '%2e%2e'])('"%s" is no tag', async (tag) => {
  expect((await put(encodeURIComponent(tag), manifestOf({}))).error).toBe('TAG_INVALID: invalid tag');
});

test('a tag is deleted alone, a manifest with its tags and the contents that nothing else names', async () => {
  const one = await hub.pushImage('me/app', '1', { layer: 'one' });
  await hub.pushImage('me/app', 'one', { layer: 'one' });
  const two = await hub.pushImage('me/app', '2', { layer: 'two' });
  expect(await hub.send('DELETE /v2/me/app/manifests/1')).toMatchObject({ status: 202 });
  expect(await hub.send('GET /v2/me/app/tags/list')).toMatchObject({ text: '{"name":"me/app","tags":["2","one"]}\n' });
  expect(await hub.send(`DELETE /v2/me/app/manifests/${one}`)).toMatchObject({ status: 202 });
  expect(await hub.send('GET /v2/me/app/tags/list')).toMatchObject({ text: '{"name":"me/app","tags":["2"]}\n' });
  expect([...(await all.kept())].sort()).toEqual([two, descriptorOf('two').digest, descriptorOf('{}').digest].sort());
  expect(await hub.send(`DELETE /v2/me/app/manifests/${one}`)).toMatchObject({ status: 404 });
  await hub.send(`DELETE /v2/me/app/manifests/${two}`);
  expect(await all.kept()).toEqual([]);
});

test('what refers to a manifest is listed, by its type where asked for', async () => {
  const subject = await hub.pushImage('me/app', '1');
  const about = { mediaType: ociManifest, digest: subject, size: manifestOf({ layers: ['layer'] }).length };
  const sbom = manifestOf({ more: { subject: about, artifactType: 'application/x.sbom', annotations: { by: 'me' } } });
  const signature = manifestOf({ more: { subject: about } });
  expect(await put(digestOf(utf8(sbom)), sbom)).toMatchObject({ status: 201, headers: { 'oci-subject': subject } });
  await put(digestOf(utf8(signature)), signature);
  const answer = await hub.send(`GET /v2/me/app/referrers/${subject}`);
  expect(answer.headers['content-type']).toBe(ociIndex);
  expect(JSON.parse(answer.text)).toMatchObject({
    manifests: expect.arrayContaining([
      { ...descriptorOf(sbom, ociManifest), artifactType: 'application/x.sbom', annotations: { by: 'me' } },
      { ...descriptorOf(signature, ociManifest), artifactType: 'application/vnd.oci.image.config.v1+json' },
    ]),
  });
  const filtered = await hub.send(`GET /v2/me/app/referrers/${subject}?artifactType=application/x.sbom`);
  expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
  expect(JSON.parse(filtered.text)).toMatchObject({ manifests: [{ digest: digestOf(utf8(sbom)) }] });
  expect(JSON.parse((await hub.send(`GET /v2/me/none/referrers/${subject}`)).text)).toMatchObject({ manifests: [] });
});

test('what refers to a manifest comes in answers of at most 4 MiB, all of it by the links', async () => {
  const subject = await hub.pushImage('me/app', '1');
  const about = { mediaType: ociManifest, digest: subject, size: 1 };
  for (let at = 0; at < 5; at += 1) {
    const large = manifestOf({ more: { subject: about, annotations: { at: String(at), text: 'x'.repeat(1_500_000) } } });
    expect(await put(digestOf(utf8(large)), large)).toMatchObject({ status: 201 });
  }
  const found: string[] = [];
  for (let next = `/v2/me/app/referrers/${subject}`; next !== '';) {
    const { text, headers } = await hub.send(`GET ${next}`);
    expect(text.length).toBeLessThan(4 * 1024 * 1024);
    const { manifests } = JSON.parse(text) as { readonly manifests: readonly { readonly digest: string }[] };
    found.push(...manifests.map(({ digest }) => digest));
    next = /^<(.*)>; rel="next"$/.exec(headers['link'] ?? '')?.[1] ?? '';
  }
  expect(new Set(found).size).toBe(5);
});

test('ten thousand tags are listed in pages, each once and in order', async () => {
  await hub.pushImage('me/app', 'first');
  const manifest = manifestOf({ layers: ['layer'] });
  for (let at = 0; at < 10_000; at += 1) await put(`v${at}`, manifest);
  const found: string[] = [];
  let pages = 0;
  for (let next = '/v2/me/app/tags/list'; next !== ''; pages += 1) {
    const { text, headers } = await hub.send(`GET ${next}`);
    found.push(...(JSON.parse(text) as { readonly tags: readonly string[] }).tags);
    next = /^<(.*)>; rel="next"$/.exec(headers['link'] ?? '')?.[1] ?? '';
  }
  expect(pages).toBe(11);
  expect(found).toEqual(['first', ...Array.from({ length: 10_000 }, (_, at) => `v${at}`)].sort());
});

test.each([
  ['n=2', ['a', 'b'], '</v2/me/app/tags/list?last=b&n=2>; rel="next"'],
  ['n=2&last=b', ['c'], undefined],
  ['n=3', ['a', 'b', 'c'], undefined],
  ['n=0', [], undefined],
  ['last=zzz', [], undefined],
])('tags/list?%s', async (query, tags, link) => {
  for (const tag of ['c', 'a', 'b']) await hub.pushImage('me/app', tag);
  const answer = await hub.send(`GET /v2/me/app/tags/list?${query}`);
  expect(JSON.parse(answer.text)).toEqual({ name: 'me/app', tags });
  expect(answer.headers['link']).toBe(link);
});

test('a page of no number is refused, and repositories are listed as tags are', async () => {
  for (const name of ['me/b', 'me/a']) await hub.pushImage(name, '1');
  expect(await hub.send('GET /v2/me/a/tags/list?n=-1')).toMatchObject({
    status: 400,
    error: 'PAGINATION_NUMBER_INVALID: invalid number of results requested',
  });
  expect(await hub.send('GET /v2/_catalog?n=1')).toMatchObject({
    text: '{"repositories":["me/a"]}\n',
    headers: { link: '</v2/_catalog?last=me%2Fa&n=1>; rel="next"' },
  });
});

test.each(['ME/app', 'me//app', 'me/..', '%2e%2e/%2e%2e/etc', 'me%2f..%2fapp', 'me/%00', `me/${'a'.repeat(300)}`, 'me:1', '%ff'])(
  'the repository "%s" is none',
  async (name) => {
    for (const line of [`GET /v2/${name}/tags/list`, `POST /v2/${name}/blobs/uploads/`, `PUT /v2/${name}/manifests/1`])
      expect(await hub.send(line)).toMatchObject({ status: 400, error: 'NAME_INVALID: invalid repository name' });
  },
);

test('what is no path of the API is told so, and what may be done where it is another method', async () => {
  for (const path of ['/', '/v1/', '/v2/x', '/v2/me/app', '/v3/me/app/tags/list', '/v2/../etc/passwd'])
    expect(await hub.send(`GET ${path}`)).toMatchObject({ status: 404 });
  expect(await hub.send('POST /v2/me/app/tags/list')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  expect(await hub.send('DELETE /v2/')).toMatchObject({ status: 405 });
  expect(await hub.send('GET /v2/')).toMatchObject({ status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' } });
});
