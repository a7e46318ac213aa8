/** The registries of the app over TCP, through tools that nobody here wrote. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../../src/api/http1.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import type { Duplex } from '../../../src/base/streams.ts';
import { digestOf } from '../../../src/engine/content/verified.ts';
import { hubHost, privateHost } from '../../../src/engine/registry/server/registries.ts';
import {
  descriptorOf,
  ociIndex,
  ociManifest,
  testRegistries,
  type TestRegistries,
} from '../../../src/engine/registry/server/testing/client.ts';
import type { HttpHandler } from '../../../src/protocol/http.ts';
import { listen, type Listener } from '../../../src/worker/node/listen.ts';
import { describeWith } from '../../support/tools.ts';

const layout = join(import.meta.dirname, '../../../images/oci');

describeWith(['skopeo', 'curl', 'jq'], 'the registries of the app, over TCP', () => {
  let folder: string;
  let all: TestRegistries;
  let hub: Listener;
  let company: Listener;
  /** "PUT /v2/… 201" of the hub, in order. */
  const asked: string[] = [];

  const sh = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        REGISTRY_AUTH_FILE: `${folder}/auth.json`,
        HUB: hostOf(hub),
        COMPANY: hostOf(company),
        LAYOUT: `oci:${layout}`,
        TO: '-q --insecure-policy --dest-tls-verify=false',
        FROM: '-q --insecure-policy --src-tls-verify=false',
      };
      execFile('bash', ['-c', line], { env, cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-'));
    all = testRegistries();
    const recording: HttpHandler = async (request) => {
      const response = await handlerOf(hubHost)(request);
      asked.push(`${request.method} ${request.target} ${response.status}`);
      return response;
    };
    hub = await served(recording);
    company = await served(handlerOf(privateHost));
    await sh('skopeo copy -q --insecure-policy $LAYOUT:docker.io/library/busybox:latest dir:busybox');
  });
  afterAll(async () => {
    await Promise.all([hub.close(), company.close()]);
    await all.registries.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const handlerOf = (host: string): HttpHandler => {
    const handler = all.registries.handlerFor(host);
    if (handler === null) throw new Error(`nobody answers for ${host}`);
    return handler;
  };
  const served = (handler: HttpHandler): Promise<Listener> =>
    listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }, (connection) => servePlain(connection, handler));

  test('skopeo signs in, and is told why where it may not', async () => {
    const login = (words: string): Promise<string> => sh(`skopeo login --tls-verify=false ${words}`);
    expect(await login('-u me -p short $HUB')).toContain('invalid username/password');
    expect(await login('-u me -p password $HUB')).toBe('Login Succeeded!\n');
    expect(await login('-u me -p passwort $HUB')).toContain('invalid username/password');
    expect(await login('-u team -p password $COMPANY')).toBe('Login Succeeded!\n');
  });

  test('an image that skopeo copies there and back is the same, file by file', async () => {
    expect(await sh('skopeo copy $TO dir:busybox docker://$HUB/me/busybox:1')).toBe('');
    expect(await sh('skopeo copy $FROM docker://$HUB/me/busybox:1 dir:back && diff -r busybox back && ls back | wc -l')).toMatch(
      /^[4-9]\n$/,
    );
    const digest = (await sh('skopeo manifest-digest busybox/manifest.json')).trim();
    expect(await sh('skopeo inspect --tls-verify=false --format "{{.Digest}}" docker://$HUB/me/busybox:1')).toBe(`${digest}\n`);
    expect(all.registries.repositories()).toEqual([{ host: hubHost, name: 'me/busybox', tags: [['1', digest]] }]);
  });

  test('without an account the hub is read and not written, the private registry neither', async () => {
    const nobody = 'REGISTRY_AUTH_FILE=none.json';
    expect(await sh(`${nobody} skopeo copy $FROM docker://$HUB/me/busybox:1 dir:public; ls public/manifest.json`)).toBe(
      'public/manifest.json\n',
    );
    expect(await sh(`${nobody} skopeo copy $TO dir:busybox docker://$HUB/me/busybox:2`)).toMatch(/denied|authentication required/);
    expect(await sh(`${nobody} skopeo copy $TO dir:busybox docker://$COMPANY/busybox`)).toMatch(/authentication required|unauthorized/);
    for (const name of ['library/busybox', 'other/busybox'])
      expect(await sh(`skopeo copy $TO dir:busybox docker://$HUB/${name}`)).toContain(': denied');
    expect(
      await sh(
        `skopeo copy $TO dir:busybox docker://$COMPANY/busybox:1; skopeo list-tags --tls-verify=false docker://$COMPANY/busybox | jq -c .Tags`,
      ),
    ).toBe('["1"]\n');
  });

  test('what is there already is not sent again, and is mounted from another repository', async () => {
    asked.length = 0;
    expect(await sh('skopeo copy $TO dir:busybox docker://$HUB/me/busybox:again')).toBe('');
    expect(asked.filter((line) => /^(?:PATCH|POST)/.test(line))).toEqual([]);
    expect(await sh('skopeo copy $TO dir:busybox docker://$HUB/me/other:1')).toBe('');
    expect(asked.filter((line) => /^POST .*mount=.* 201$/.test(line)).length).toBeGreaterThan(0);
    // The config: skopeo looks for layers alone.
    expect(asked.filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
  });

  test('an image in the formats of Docker, and back as OCI, keeps its layers', async () => {
    expect(await sh('skopeo copy $TO --format v2s2 dir:busybox docker://$HUB/me/docker:1')).toBe('');
    expect(await sh('skopeo inspect --raw --tls-verify=false docker://$HUB/me/docker:1 | jq -r .mediaType')).toBe(
      'application/vnd.docker.distribution.manifest.v2+json\n',
    );
    expect(await sh('skopeo copy $FROM docker://$HUB/me/docker:1 oci:back-as-oci:1')).toBe('');
    const layers = 'jq -c "[.layers[].digest]"';
    expect(await sh(`skopeo inspect --raw oci:back-as-oci:1 | ${layers}`)).toBe(await sh(`${layers} busybox/manifest.json`));
  });

  test('an index goes with all of its images', async () => {
    const digest = writeIndex(join(folder, 'two'));
    expect(await sh('skopeo copy $TO --all --preserve-digests oci:two:1 docker://$HUB/me/two:1')).toBe('');
    expect(await sh('skopeo copy $FROM --all --preserve-digests docker://$HUB/me/two:1 oci:two-back:1')).toBe('');
    expect(await sh('jq -r ".manifests[0].digest" two-back/index.json')).toBe(`${digest}\n`);
    expect(await sh('diff -r two/blobs two-back/blobs')).toBe('');
  });

  test('what skopeo deletes is gone, with the contents that nothing else names', async () => {
    const before = await all.kept();
    expect(await sh('skopeo delete --tls-verify=false docker://$HUB/me/two:1')).toBe('');
    expect(await sh('skopeo inspect --tls-verify=false docker://$HUB/me/two:1')).toContain('manifest unknown');
    expect((await all.kept()).length).toBe(before.length - 1);
  });

  test('curl sends in chunks, asks for ranges, and is told the length of what comes', async () => {
    const text = 'chunked'.repeat(20_000);
    writeFileSync(join(folder, 'blob'), text);
    const digest = digestOf(utf8(text));
    const send = 'curl -s -u me:password -X POST -H "Transfer-Encoding: chunked" --data-binary @blob -w "%{http_code}" -o /dev/null';
    expect(await sh(`${send} "http://$HUB/v2/me/app/blobs/uploads/?digest=${digest}"`)).toBe('201');
    const url = `http://$HUB/v2/me/app/blobs/${digest}`;
    expect(await sh(`curl -s -I ${url} | tr -d "\\r" | grep -i ^content-length`)).toBe('Content-Length: 140000\n');
    expect(await sh(`curl -s ${url} | cmp - blob`)).toBe('');
    expect(await sh(`head -c 70000 blob >part; curl -s -C - -o part ${url}; cmp part blob`)).toBe('');
  });

  test('a connection that is cut in the middle of a piece leaves what came, and another goes on from there', async () => {
    const location = (
      await sh('curl -s -i -u me:password -X POST http://$HUB/v2/me/app/blobs/uploads/ | tr -d "\\r" | sed -n "s/^Location: //p"')
    ).trim();
    const [whole, cut] = ['x'.repeat(300_000), 200_000];
    const range = (): Promise<string> => sh(`curl -s -i -u me:password http://$HUB${location} | tr -d "\\r" | sed -n "s/^Range: //p"`);
    const socket = connected(hub);
    const authorization = `Authorization: Basic ${btoa('me:password')}`;
    socket.write(
      `PATCH ${location} HTTP/1.1\r\nHost: hub\r\n${authorization}\r\nContent-Length: ${whole.length}\r\n\r\n${whole.slice(0, cut)}`,
    );
    await expect.poll(range).toBe(`0-${cut - 1}\n`);
    socket.destroy();
    // Once the first is seen to be gone.
    await expect
      .poll(() =>
        sh(
          `printf y | curl -s -u me:password -X PATCH -H "Content-Range: 0-0" --data-binary @- -o /dev/null -w "%{http_code}" http://$HUB${location}`,
        ),
      )
      .toBe('416');
    writeFileSync(join(folder, 'rest'), whole.slice(cut));
    const put = `curl -s -u me:password -X PUT -H "Content-Range: ${cut}-${whole.length - 1}" -T rest -o /dev/null -w "%{http_code}"`;
    expect(await sh(`${put} "http://$HUB${location}?digest=${digestOf(utf8(whole))}"`)).toBe('201');
  });
});

/** Clients try TLS first: to who begins with its handshake (RFC 8446, 5.1) the connection ends. */
async function servePlain({ source, sink }: Duplex, handler: HttpHandler): Promise<void> {
  let first = await source.read();
  if (first?.[0] === 0x16) return sink.abort();
  const read = (): Promise<Uint8Array | null> => {
    const chunk = first;
    first = null;
    return chunk === null ? source.read() : Promise.resolve(chunk);
  };
  await serve({ source: { read, cancel: (reason) => source.cancel(reason) }, sink }, handler, { transport: 'tcp' });
}

function hostOf({ address }: Listener): string {
  return address.slice('tcp://'.length);
}

function connected(listener: Listener): Socket {
  const [host = '', port = ''] = hostOf(listener).split(':');
  return createConnection(Number(port), host);
}

/** An OCI layout of two images for two platforms, as "1". @returns the index's digest */
function writeIndex(folder: string): string {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (content: string, mediaType: string): ReturnType<typeof descriptorOf> => {
    const descriptor = descriptorOf(content, mediaType);
    writeFileSync(join(blobs, descriptor.digest.slice('sha256:'.length)), content);
    return descriptor;
  };
  const manifests = ['386', 'amd64'].map((architecture) => {
    const layer = put(`layer of ${architecture}`, 'application/vnd.oci.image.layer.v1.tar');
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = put(JSON.stringify({ architecture, os: 'linux', rootfs }), 'application/vnd.oci.image.config.v1+json');
    const manifest = put(JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] }), ociManifest);
    return { ...manifest, platform: { os: 'linux', architecture } };
  });
  const index = put(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }), ociIndex);
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': '1' } };
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return index.digest;
}
