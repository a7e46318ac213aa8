/** Archives that others wrote (`record.sh`), as the image store takes them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fromUtf8 } from '../../../src/base/bytes.ts';
import type { TreeNode } from '../../../src/base/file-tree.ts';
import { readAll, sourceOf } from '../../../src/base/streams.ts';
import { readArchive } from '../../../src/base/testing/tar.ts';
import { memoryBlobs, memoryTars } from '../../../src/engine/content/memory.ts';
import { testLayout } from '../../../src/engine/images/testing/layout.ts';
import { testStore, type TestStore } from '../../../src/engine/images/testing/store.ts';
import { inflate } from '../../../src/worker/inflate.ts';

const { signal } = new AbortController();
const recorded = (name: string): Promise<Buffer> => readFile(join(import.meta.dirname, 'recorded', name));

function store(): TestStore {
  return testStore(testLayout([]).fetchBlob, memoryTars(), memoryBlobs(), inflate);
}

async function load({ images }: TestStore, archive: Uint8Array): Promise<readonly string[]> {
  const progress = await images.load(sourceOf(archive), { quiet: true, platform: '', signal });
  const said: string[] = [];
  for (let message = await progress.read(); message !== null; message = await progress.read())
    said.push(message.error ?? message.stream?.trim() ?? '');
  return said;
}

const digestsOf = async ({ blobs, images }: TestStore): Promise<string[]> => {
  await images.settled();
  return (await blobs.list()).map(({ digest }) => digest).sort();
};

interface Expected {
  readonly name: string;
  readonly id: string;
  readonly layers: readonly string[];
}

/** What the engine said of the images that it saved. */
async function expected(name: string): Promise<readonly Expected[]> {
  const lines = (await recorded(name)).toString().trim().split('\n');
  return lines.map((line) => {
    const [image = '', id = '', ...layers] = line.trim().split(' ');
    return { name: image, id, layers };
  });
}

/** Configurations of images, in order, by what the archive says itself: containerd names images by their manifests, and skopeo writes another configuration for a layout. */
function configsOf(archive: Uint8Array): readonly string[] {
  const files = new Map(readArchive(archive).map(({ path, data }) => [path, data]));
  const json = (path: string) => JSON.parse(fromUtf8(files.get(path) ?? new Uint8Array(0)));
  if (files.has('manifest.json'))
    return json('manifest.json').map(({ Config: config }: { readonly Config: string }) => `sha256:${config.split('/').at(-1) ?? ''}`);
  return json('index.json').manifests.map(
    ({ digest }: { readonly digest: string }) => json(`blobs/${digest.replace(':', '/')}`).config.digest,
  );
}

describe.each([
  ['saved.tar.gz', 'by docker save of Docker 28', (each: Expected) => [each]],
  ['containerd.tar.gz', "by docker save of an engine with containerd's image store", (each: Expected) => [each]],
  [
    'skopeo-docker.tar.gz',
    'by skopeo as docker-archive',
    (each: Expected) => (each.name === 'saved:2' ? [{ ...each, name: 'copied:2' }] : []),
  ],
  [
    'skopeo-oci.tar.gz',
    'by skopeo as oci-archive',
    (each: Expected) => (each.name === 'saved:2' ? [{ ...each, name: 'example.com/copied:2' }] : []),
  ],
])('%s, made %s', (file, _, imagesIn) => {
  const isContainerd = file.startsWith('containerd');
  const isRewritten = isContainerd || file.startsWith('skopeo-oci');

  test('has its images under the same digests, and so has what is saved of them', async () => {
    const archive = await recorded(file);
    const images = (await expected(isContainerd ? 'containerd.txt' : 'saved.txt')).flatMap(imagesIn);
    const configs = isRewritten ? configsOf(gunzipSync(archive)) : images.map(({ id }) => id);
    const one = store();
    expect(await load(one, archive)).toEqual(images.map(({ name }) => `Loaded image: ${name}`));
    const found = images.map(({ name }) => one.images.resolve(name));
    expect(found.map(({ id }) => id)).toEqual(configs);
    expect(found.map(({ layers }) => [...layers].reverse().map(({ diffId }) => diffId))).toEqual(images.map(({ layers }) => layers));
    const two = store();
    const saved = await readAll(
      await one.images.save(
        images.map(({ name }) => name),
        '',
      ),
    );
    await load(two, saved);
    expect(await digestsOf(two)).toEqual(await digestsOf(one));
    expect(images.map(({ name }) => two.images.resolve(name).id)).toEqual(configs);
  });

  test('has the files that were put into it', async () => {
    const made = store();
    await load(made, await recorded(file));
    const trees = [...made.trees.values()];
    const base = trees.find(({ root }) => root.children?.has('bin'));
    await expectFiles(base?.root, { uid: 1000, gid: 50 });
    const second = trees.find(({ root }) => root !== base?.root);
    if (!file.startsWith('skopeo') || second !== undefined) expect(await textOf(second?.root, 'etc/two')).toBe('two\n');
  });
});

test.each([
  ['gnu.tar.gz', 1000],
  ['gnu-posix-sparse.tar.xz', 1000],
  ['bsdtar-pax.tar.bz2', 1000],
  ['bsdtar-gnu.tar.zst', 1000],
  ['busybox.tar.gz', 0],
])('%s is imported with all its files', async (file, uid) => {
  const made = store();
  await made.images.import(sourceOf(await recorded(file)), {
    repository: 'files',
    tag: '1',
    message: '',
    changes: [],
    platform: '',
    signal,
  });
  await expectFiles([...made.trees.values()][0]?.root, { uid, gid: uid === 0 ? 0 : 50 });
});

function at(root: TreeNode | undefined, path: string): TreeNode {
  const node = path.split('/').reduce<TreeNode | undefined>((folder, name) => folder?.children?.get(name), root);
  if (node === undefined) throw new Error(`${path} is not there`);
  return node;
}

async function textOf(root: TreeNode | undefined, path: string): Promise<string> {
  const node = at(root, path);
  return fromUtf8((await node.read?.(0, node.size)) ?? new Uint8Array(0));
}

async function expectFiles(root: TreeNode | undefined, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  expect(at(root, 'etc/one')).toMatchObject({ ...owner, nlink: 2, mtime: 1_700_000_000 });
  expect(at(root, 'etc/same')).toBe(at(root, 'etc/one'));
  expect(at(root, 'bin/su').mode & 0o7777).toBe(0o4755);
  expect(at(root, 'bin/link').target).toBe('../etc/one');
  expect(await textOf(root, 'etc/größe')).toBe('größe\n');
  expect(await textOf(root, `${'d'.repeat(90)}/${'e'.repeat(90)}/deep`)).toBe('deep\n');
  expect(await textOf(root, 'holes')).toBe(`${'\0'.repeat(200_000)}end\n`);
}
