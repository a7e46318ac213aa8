import { existsSync } from 'node:fs';
import { testLayers } from '../images/testing/store.ts';
import { countingRandom } from '../testing/engine.ts';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { AppError } from '../../base/errors.ts';
import type { ImmutableTree, TreeNode } from '../../base/file-tree.ts';
import { iterate, sourceOf, type ByteSource } from '../../base/streams.ts';
import { utf8 } from '../../base/bytes.ts';
import { systemClock } from '../clock.ts';
import { createEventLog } from '../events/log.ts';
import { createImages } from '../images/images.ts';
import { parseReference } from '../../grammar/reference.ts';
import { bundledRegistry } from './bundled.ts';

const layout = new URL('../../../images/oci/', import.meta.url);

function gunzip(source: ByteSource): ByteSource {
  const chunks: AsyncIterator<Uint8Array> = Readable.from(iterate(source)).pipe(createGunzip())[Symbol.asyncIterator]();
  return {
    read: async () => {
      const { done, value } = await chunks.next();
      return done === true ? null : value;
    },
    cancel: () => undefined,
  };
}

function find(trees: Map<string, ImmutableTree>, directories: readonly string[], path: readonly string[]): TreeNode | undefined {
  for (const directory of directories) {
    let node: TreeNode | undefined = trees.get(directory)?.root;
    for (const name of path) node = node?.children?.get(name);
    if (node !== undefined) return node;
  }
  return undefined;
}

test.skipIf(!existsSync(new URL('index.json', layout)))(
  'every image that is shipped can be pulled, checked and unpacked',
  { timeout: 120_000 },
  async () => {
    const trees = new Map<string, ImmutableTree>();
    const clock = systemClock();
    const images = createImages({
      registry: bundledRegistry(async (path) => sourceOf(await readFile(new URL(path, layout)))),
      layers: testLayers(trees),
      inflate: gunzip,
      uses: { usersOf: () => [], mountersOf: () => [] },
      log: createEventLog(clock),
      clock,
      random: countingRandom(),
      layerRoot: '/layers',
    });
    for (const name of ['hello-world:latest', 'busybox:latest', 'nginx:latest', 'python:3.11-slim']) {
      const progress = await images.pull({ image: name, tag: '', platform: '', signal: new AbortController().signal });
      let last;
      for (let message = await progress.read(); message !== null; message = await progress.read()) last = message;
      expect(last).toEqual({ status: `Status: Downloaded newer image for ${name}` });
    }
    const busybox = images.resolve('busybox').layers.map((layer) => layer.directory);
    const shell = find(trees, busybox, ['bin', 'busybox']) ?? find(trees, busybox, ['bin', 'sh']);
    expect(shell?.size).toBeGreaterThan(100_000);
    expect([...((await shell?.read?.(0, 4)) ?? [])]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
  },
);

test('an index that could not be read is asked for again at the next pull', async () => {
  let asked = 0;
  const registry = bundledRegistry(() => {
    asked += 1;
    return asked === 1
      ? Promise.reject(new AppError('unavailable', 'offline'))
      : Promise.resolve(sourceOf(new TextEncoder().encode('{"schemaVersion":2,"manifests":[]}')));
  });
  await expect(registry.tags(parseReference('x'), new AbortController().signal)).rejects.toThrow('offline');
  await expect(registry.tags(parseReference('x'), new AbortController().signal)).rejects.toThrow('pull access denied for x');
});

test('a tag that is not here is answered with those that are, and the way to its name', async () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  const named = (name: string, digit: string) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digest(digit),
    size: 1,
    annotations: { 'org.opencontainers.image.ref.name': name },
  });
  const names = ['docker.io/library/python:3.9', 'docker.io/library/python:3.11', 'docker.io/library/busybox:latest'];
  const index = { schemaVersion: 2, manifests: names.map((name, at) => named(name, String(at))) };
  const registry = bundledRegistry(() => Promise.resolve(sourceOf(utf8(JSON.stringify(index)))));
  const { signal } = new AbortController();
  const refusal = (name: string) => registry.resolve(parseReference(name), signal).then(String, (thrown: Error) => thrown.message);
  const unknown = (name: string) => `manifest for ${name} not found: manifest unknown. This playground has`;
  expect(await refusal('python:3.7')).toBe(
    `${unknown('python:3.7')} python:3.11 and python:3.9; pull one of them, and docker tag gives it the tag 3.7`,
  );
  expect(await refusal('busybox:1')).toBe(`${unknown('busybox:1')} busybox:latest; pull it, and docker tag gives it the tag 1`);
  expect(await refusal(`busybox@${digest('9')}`)).toBe(`${unknown(`busybox@${digest('9')}`)} busybox:latest`);
});
