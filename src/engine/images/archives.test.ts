import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { createPipe, readAll, sourceOf, type ByteSource } from '../../base/streams.ts';
import { readArchive } from '../../base/testing/tar.ts';
import { inflate } from '../../worker/inflate.ts';
import { containerConfigSchema, type JsonMessage } from '../../protocol/engine-api.ts';
import { layerTar } from '../content/directory-layer.ts';
import { memoryBlobs, memoryTars } from '../content/memory.ts';
import { digestOf } from '../content/verified.ts';
import { testLayout, type TestImage } from './testing/layout.ts';
import { testStore } from './testing/store.ts';
import { writeTar, type TarInput } from './testing/tar-writer.ts';

const { signal } = new AbortController();
const base: TarInput[] = [{ path: 'bin/sh', mode: 0o755, data: 'shell' }];
const app: TestImage = { name: 'docker.io/library/app:latest', layers: [base, [{ path: 'app', data: 'app' }]] };
const other: TestImage = { name: 'docker.io/library/other:1', layers: [base, [{ path: 'other', data: 'other!' }]] };

function store() {
  const made = testStore(testLayout([app, other]).fetchBlob, memoryTars(), memoryBlobs(), inflate);
  const load = async (archive: Uint8Array | ByteSource, options: { readonly platform?: string; readonly quiet?: boolean } = {}) => {
    const source = archive instanceof Uint8Array ? sourceOf(archive) : archive;
    const progress = await made.images.load(source, { quiet: true, platform: '', signal, ...options });
    const said: JsonMessage[] = [];
    for (let message = await progress.read(); message !== null; message = await progress.read()) said.push(message);
    return said;
  };
  const save = async (...names: string[]): Promise<Uint8Array> => readAll(await made.images.save(names, ''));
  const bring = (archive: Uint8Array, options: Partial<Parameters<typeof made.images.import>[1]> = {}) =>
    made.images.import(sourceOf(archive), { repository: '', tag: '', message: '', changes: [], platform: '', signal, ...options });
  return { ...made, load, save, import: bring };
}

type Store = ReturnType<typeof store>;

/** Digests of all that lies in the store. */
const blobsOf = async ({ images, blobs }: Store): Promise<string[]> => {
  await images.settled();
  return (await blobs.list()).map(({ digest }) => digest).sort();
};
/** What a layer's archive is kept as. */
const tarOf = (archive: Uint8Array): Promise<Uint8Array> => readAll(layerTar(sourceOf(archive)));
const said = (messages: readonly JsonMessage[]): string[] => messages.map((message) => message.error ?? message.stream?.trim() ?? '');

/** An archive as docker's older form has it: the configuration and the layers by any name. */
function dockerArchive(changes: {
  readonly config?: unknown;
  readonly layer?: Uint8Array;
  readonly diffIds?: readonly string[];
  readonly tags?: readonly string[] | null;
  readonly files?: readonly TarInput[];
  readonly manifest?: Uint8Array | string;
}): Uint8Array {
  const layer = changes.layer ?? writeTar([{ path: 'f', data: 'hello' }]);
  const config = changes.config ?? {
    architecture: '386',
    os: 'linux',
    config: { Cmd: ['x'] },
    rootfs: { type: 'layers', diff_ids: changes.diffIds ?? [digestOf(layer)] },
  };
  const item = { Config: 'c.json', RepoTags: changes.tags === undefined ? ['h:1'] : changes.tags, Layers: ['l.tar'] };
  return writeTar([
    ...(changes.files ?? []),
    { path: 'c.json', data: JSON.stringify(config) },
    { path: 'l.tar', data: layer },
    { path: 'manifest.json', data: changes.manifest ?? JSON.stringify([item]) },
  ]);
}

describe('an archive of images', () => {
  test('has manifest, configuration and layers under the digests they came with, and brings them back to another store', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    await one.pull('other:1');
    const archive = await one.save('app', 'other:1');
    const two = store();
    expect(said(await two.load(archive))).toEqual(['Loaded image: app:latest', 'Loaded image: other:1']);
    expect(await blobsOf(two)).toEqual(await blobsOf(one));
    expect(await two.save('app', 'other:1')).toEqual(archive);
    expect(two.images.resolve('app').id).toBe(one.images.resolve('app').id);
    expect(two.events()).toEqual(
      ['app', 'other:1']
        .flatMap((name) => [`load ${two.images.resolve(name).id}`])
        .concat(['app', 'other:1'].map((name) => `save ${two.images.resolve(name).id}`)),
    );
  });

  test('is an OCI layout with the manifest.json of Docker 28', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    await one.images.tag('app', 'again', '2');
    const files = new Map(readArchive(await one.save('app', 'again:2')).map(({ path, data }) => [path, fromUtf8(data)]));
    const json = (path: string): unknown => JSON.parse(files.get(path) ?? 'null');
    const { id, layers } = one.images.resolve('app');
    const [top = ''] = layers.map(({ diffId }) => diffId);
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(json('manifest.json')).toMatchObject([
      {
        Config: `blobs/${id.replace(':', '/')}`,
        RepoTags: ['app:latest', 'again:2'],
        Layers: [...layers].reverse().map(({ diffId }) => `blobs/${diffId.replace(':', '/')}`),
      },
    ]);
    expect(json('index.json')).toMatchObject({
      manifests: [
        { annotations: { 'io.containerd.image.name': 'docker.io/library/app:latest', 'org.opencontainers.image.ref.name': 'latest' } },
        { annotations: { 'io.containerd.image.name': 'docker.io/library/again:2' } },
      ],
    });
    expect(json('repositories')).toEqual({ app: { latest: top.slice(7) }, again: { '2': top.slice(7) } });
  });

  test('saved by a name without a tag has all tags of the repository, by an ID none', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    await one.images.tag('app', 'app', '2');
    const tagsIn = (archive: Uint8Array): unknown =>
      JSON.parse(fromUtf8(readArchive(archive).find(({ path }) => path === 'manifest.json')?.data ?? utf8('null')))[0].RepoTags;
    expect(tagsIn(await one.save('app'))).toEqual(['app:2', 'app:latest']);
    const archive = await one.save(one.images.resolve('app').id);
    expect(tagsIn(archive)).toBeNull();
    const two = store();
    expect(said(await two.load(archive))).toEqual([`Loaded image ID: ${one.images.resolve('app').id}`]);
    await expect(one.images.save(['nope'], '')).rejects.toMatchObject({ kind: 'not_found', message: 'No such image: nope' });
    await expect(one.images.save(['nope:1'], '')).rejects.toMatchObject({ kind: 'not_found', message: 'reference does not exist' });
    await expect(one.images.save(['app'], 'linux/arm64')).rejects.toThrow('no suitable export target found for platform linux/arm64');
  });

  test('is whole, whatever is removed while it is read', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const whole = await one.save('app:latest');
    const source = await one.images.save(['app:latest'], '');
    const first = await source.read();
    await one.images.remove('app', { force: true, prunesParents: true });
    expect(concatBytes([first ?? new Uint8Array(), await readAll(source)])).toEqual(whole);
    expect(await blobsOf(one)).toEqual([]);
  });

  test('that nobody reads on holds nothing', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const source = await one.images.save(['app'], '');
    await source.read();
    source.cancel();
    await one.images.remove('app', { force: true, prunesParents: true });
    expect(await blobsOf(one)).toEqual([]);
  });
});

describe('loading', () => {
  test.each([
    ['as it is', (bytes: Uint8Array) => bytes],
    ['out of gzip', (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
    ['in pieces', (bytes: Uint8Array) => bytes],
  ])('an archive in the older form, %s', async (how, packed) => {
    const two = store();
    const bytes = packed(dockerArchive({}));
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, at) => bytes.subarray(at * 100, (at + 1) * 100));
    expect(said(await two.load(how === 'in pieces' ? sourceOf(...pieces) : bytes))).toEqual(['Loaded image: h:1']);
    // Configuration, layer, and the manifest that it was given here.
    expect(await blobsOf(two)).toHaveLength(3);
    expect((await two.images.inspect('h:1')).RootFS.Layers).toEqual([digestOf(writeTar([{ path: 'f', data: 'hello' }]))]);
  });

  test('a layer that is compressed stays so, and its files can be read', async () => {
    const two = store();
    const tar = writeTar([{ path: 'f', data: 'hello' }]);
    const gz = new Uint8Array(gzipSync(tar));
    expect(said(await two.load(dockerArchive({ layer: gz, diffIds: [digestOf(tar)] })))).toEqual(['Loaded image: h:1']);
    expect(await blobsOf(two)).toContain(digestOf(gz));
    const [tree] = two.trees.values();
    expect(fromUtf8((await tree?.root.children?.get('f')?.read?.(0, 9)) ?? new Uint8Array())).toBe('hello');
  });

  test('follows links inside of the archive and none out of it', async () => {
    const layer = writeTar([{ path: 'f', data: 'hello' }]);
    const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: ['h:1'], Layers: ['a/l'] }]);
    const linked = (link: string, type = '2') =>
      dockerArchive({
        layer,
        manifest,
        files: [
          { path: 'real', data: layer },
          { path: 'a/l', type, link },
        ],
      });
    expect(said(await store().load(linked('../real')))).toEqual(['Loaded image: h:1']);
    expect(said(await store().load(linked('real', '1')))).toEqual(['Loaded image: h:1']);
    for (const link of ['/etc/passwd', '../../../etc/passwd', 'l'])
      expect(said(await store().load(linked(link)))[0]).toMatch(
        /^open \/var\/lib\/docker\/tmp\/docker-import-\d+\/a\/l: no such file or directory$/,
      );
    expect(said(await store().load(linked('/etc/passwd', '1')))).toEqual(['linkat etc/passwd a/l: no such file or directory']);
  });

  const layer = writeTar([{ path: 'f', data: 'hello' }]);
  const evil = writeTar([{ path: '../../evil', data: 'x' }]);
  const noTar = new Uint8Array(2048).fill(113);
  test.each([
    ['a name that leads out', dockerArchive({ files: [{ path: '../evil', data: 'x' }] }), /^invalid entry name "..\/evil"$/],
    ['a layer whose name leads out', dockerArchive({ layer: evil }), /^invalid entry name "..\/..\/evil"$/],
    ['a layer that is no tar', dockerArchive({ layer: noTar }), /^archive\/tar: invalid tar header$/],
    [
      'another layer than its digest says',
      dockerArchive({ diffIds: [`sha256:${'0'.repeat(64)}`] }),
      new RegExp(`^invalid diffID for layer 0: expected "sha256:0{64}", got "${digestOf(layer)}"$`),
    ],
    [
      'more layers in the configuration',
      dockerArchive({ diffIds: [digestOf(layer), digestOf(layer)] }),
      /^invalid manifest, layers length mismatch: expected 1, got 2$/,
    ],
    ['a tag that is none', dockerArchive({ tags: ['h'] }), /^invalid tag "h"$/],
    ['a name that is none', dockerArchive({ tags: ['BAD:1'] }), /must be lowercase$/],
    [
      'another system',
      dockerArchive({
        config: { architecture: '386', os: 'windows', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } },
      }),
      /^cannot load windows image on linux$/,
    ],
    ['a manifest that is null', dockerArchive({ manifest: 'null' }), /^invalid manifest, manifest cannot be null \(but can be \[\]\)$/],
    [
      'no manifest',
      writeTar([{ path: 'x', data: 'x' }]),
      /^open \/var\/lib\/docker\/tmp\/docker-import-\d+\/repositories: no such file or directory$/,
    ],
    ['nothing', utf8('junk\n'), /^unexpected EOF$/],
    ['its end missing', dockerArchive({}).subarray(0, 1200), /^unexpected EOF$/],
    [
      'too many entries',
      writeTar(Array.from({ length: 16_385 }, (_, at) => ({ path: `${at}` }))),
      /^the archive has more than 16384 entries/,
    ],
  ])("an archive with %s is refused in Docker's words and leaves nothing", async (_, archive, words) => {
    const two = store();
    expect(said(await two.load(archive))[0]).toMatch(words);
    expect(await blobsOf(two)).toEqual([]);
    expect([await two.images.list({ all: false, filters: {}, sharedSize: false }), two.trees.size]).toEqual([[], 0]);
  });

  test('takes the blobs of a layout for what their contents are: one under a wrong name is not found', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const id = one.images.resolve('app').id.slice(7);
    const files = readArchive(await one.save('app')).filter(({ path }) => path !== 'manifest.json');
    const written = (spoiled: boolean) =>
      writeTar(
        files.map(({ path, type, data }) => ({
          path,
          type: type === 'directory' ? '5' : '0',
          data: spoiled && path.endsWith(id) ? utf8('{}') : data,
        })),
      );
    expect(said(await store().load(written(false)))).toEqual(['Loaded image: app:latest']);
    const two = store();
    expect(await two.load(written(true))).toEqual([{}]);
    expect(await blobsOf(two)).toEqual([]);
  });

  test('of another platform than was asked for loads nothing', async () => {
    const two = store();
    expect(await two.load(dockerArchive({}), { platform: 'linux/arm64' })).toEqual([{}]);
    expect(said(await two.load(dockerArchive({}), { platform: 'linux/386' }))).toEqual(['Loaded image: h:1']);
    await expect(two.load(dockerArchive({}), { platform: 'a/b/c/d' })).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('takes a name from the image that had it, and says so', async () => {
    const two = store();
    await two.load(dockerArchive({}));
    const before = two.images.resolve('h:1').id;
    expect(said(await two.load(dockerArchive({ layer: writeTar([]) })))).toEqual([
      `The image h:1 already exists, renaming the old one with ID ${before} to empty string`,
      'Loaded image: h:1',
    ]);
  });

  test('that its client gives up leaves nothing', async () => {
    const two = store();
    const controller = new AbortController();
    const pipe = createPipe();
    const loading = two.images.load(pipe.source, { quiet: true, platform: '', signal: controller.signal });
    await pipe.sink.write(dockerArchive({}).subarray(0, 1024));
    controller.abort();
    pipe.sink.abort(new Error('the client is gone'));
    await (await loading).read();
    expect(await blobsOf(two)).toEqual([]);
  });
});

describe('importing', () => {
  const files = writeTar([
    { path: 'etc/', type: '5' },
    { path: 'etc/x', data: 'x' },
  ]);

  test('makes an image of one layer with the configuration of its changes', async () => {
    const one = store();
    const id = await one.import(files, { repository: 'in:1', message: 'said', changes: ['CMD ["a"]', 'ENV A=1 B="$A 2"'] });
    expect(await one.images.inspect('in:1')).toMatchObject({
      Id: id,
      Comment: 'said',
      Architecture: '386',
      Config: { Cmd: ['a'], Env: ['A=1', 'B= 2'] },
      RootFS: { Layers: [digestOf(files)] },
      Size: 1,
    });
    expect(one.events()).toEqual([`tag ${id}`, `import ${id}`]);
    expect([...one.trees.values()][0]?.root.children?.get('etc')?.children?.has('x')).toBe(true);
    expect(said(await store().load(await one.save('in:1')))).toEqual(['Loaded image: in:1']);
  });

  test.each([
    ['what is no archive', () => store().import(utf8('junk')), 'unexpected EOF'],
    ['another system', () => store().import(files, { platform: 'windows/386' }), 'operating system is not supported'],
    ['an instruction that is none of these', () => store().import(files, { changes: ['RUN x'] }), 'RUN is not a valid change command'],
  ])('refuses %s', async (_, attempt, words) => {
    await expect(attempt()).rejects.toMatchObject({ kind: 'invalid', message: words });
  });

  test('of what is damaged leaves nothing', async () => {
    const one = store();
    await expect(one.import(files.subarray(0, 700))).rejects.toThrow('unexpected EOF');
    expect(await blobsOf(one)).toEqual([]);
  });
});

describe('committing', () => {
  const config = containerConfigSchema.parse({ Cmd: ['run'], Env: ['A=1'] });
  /** @param layer what the container wrote, as the agent archives it */
  const commit = (one: Store, layer: Uint8Array, { moves = false, image = 'app', more = {} } = {}) => {
    one.disk.set('/upper', layer);
    const container = 'c'.repeat(64);
    return one.images.commit(
      { container, upper: '/upper', moves },
      {
        imageId: one.images.resolve(image).id,
        container,
        config: { ...config, ...more },
        containerConfig: { ...config, ...more },
        author: 'me',
        comment: 'said',
        reference: null,
        signal,
      },
    );
  };

  test('puts a layer upon the image, which stays as it is', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const before = await one.images.inspect('app');
    const layer = writeTar([{ path: 'new', data: 'abc' }]);
    const { id } = await commit(one, layer);
    expect(await one.images.inspect(id)).toMatchObject({
      Parent: before.Id,
      Author: 'me',
      Comment: 'said',
      Config: { Cmd: ['run'], Env: ['A=1'] },
      RootFS: { Layers: [...before.RootFS.Layers, digestOf(await tarOf(layer))] },
      Size: before.Size + 3,
    });
    expect((await one.images.history(id))[0]).toMatchObject({ Id: id, CreatedBy: 'run', Comment: 'said', Size: 3 });
    expect(await one.images.inspect('app')).toEqual(before);
    expect(one.events().slice(-1)).toEqual([`create ${id}`]);
  });

  test('leaves the layer on the disk of the guest, whence its tar is made again for who saves it', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const blobs = await blobsOf(one);
    const layer = writeTar([{ path: './new', data: 'abc' }]);
    const { id } = await commit(one, layer);
    const [top] = one.images.resolve(id).layers;
    expect([...one.disk.keys()]).toEqual(['/upper', top?.directory]);
    const diffId = digestOf(await tarOf(layer));
    expect(top?.diffId).toBe(diffId);
    expect(await one.images.inspect(id)).toMatchObject({ GraphDriver: { Data: { UpperDir: top?.directory } } });
    // What is new in the store are the config and the manifest.
    expect((await blobsOf(one)).filter((digest) => !blobs.includes(digest))).toHaveLength(2);
    const saved = readArchive(await one.save(id)).find(({ path }) => path === `blobs/${diffId.replace(':', '/')}`);
    expect(saved?.data).toEqual(await tarOf(layer));
    const two = store();
    await two.load(await one.save(id));
    expect(await two.images.inspect(id)).toMatchObject({ RootFS: (await one.images.inspect(id)).RootFS });
    // Something has been at it: no archive is written that is not what its digest says.
    one.disk.set(top?.directory ?? '', writeTar([{ path: 'new', data: 'abx' }]));
    await expect(one.save(id)).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('keeps what two commits have in common once, and takes it away with the last image that has it', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const layer = writeTar([{ path: 'new', data: 'abc' }]);
    const { id } = await commit(one, layer);
    const { id: other } = await commit(one, layer, { image: 'app' });
    const { id: above } = await commit(one, writeTar([{ path: 'more', data: '1' }]), { image: id });
    const directories = (image: string) => one.images.resolve(image).layers.map(({ directory }) => directory);
    expect(directories(other)).toEqual(directories(id));
    expect(directories(above).slice(1)).toEqual(directories(id));
    expect([...one.disk.keys()]).toEqual(['/upper', directories(id)[0], directories(above)[0]]);
    const reading = await one.images.save([above], '');
    for (const each of new Set([above, other, id])) await one.images.remove(each, { force: false, prunesParents: false });
    // Who saves it reads on.
    const paths = readArchive(await readAll(reading)).map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith('blobs/sha256/')).length).toBeGreaterThan(5);
    expect([...one.disk.keys()]).toEqual(['/upper']);
  });

  test('of a container that is gone renames what it wrote; what fails leaves nothing on the disk', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    await expect(commit(one, writeTar([{ path: 'b' }, { path: 'a' }]))).rejects.toMatchObject({ kind: 'internal' });
    expect([...one.disk.keys()]).toEqual(['/upper']);
    const { id } = await commit(one, writeTar([{ path: 'new', data: 'abc' }]), { moves: true });
    expect([...one.disk.keys()]).toEqual(
      one.images
        .resolve(id)
        .layers.slice(0, 1)
        .map(({ directory }) => directory),
    );
  });

  test('is in a checkpoint by the path of its directory', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const { id } = await commit(one, writeTar([{ path: 'new', data: 'abc' }]));
    const saved: unknown = JSON.parse(JSON.stringify(one.images.snapshot()));
    const copy = testStore(() => Promise.reject(new Error('nothing is fetched')), memoryTars(), one.blobs);
    for (const [path, archive] of one.disk) copy.disk.set(path, archive);
    const opened = await copy.images.open(saved);
    copy.images.restore(opened);
    expect(copy.images.resolve(id).layers).toEqual(one.images.resolve(id).layers);
    expect(opened.trees.map(([name]) => name)).toEqual(
      one.images
        .resolve('app')
        .layers.map(({ directory }) => directory)
        .reverse(),
    );
    expect(await readAll(await copy.images.save([id], ''))).toEqual(await one.save(id));
    await copy.images.remove(id, { force: false, prunesParents: true });
    expect([...copy.disk.keys()]).toEqual(['/upper']);
    expect(one.disk.size).toBe(2);
  });

  test('keeps integers of the configuration that JSON has no number for, and so do a checkpoint and who loads it', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const large = 2n ** 53n + 1n;
    const health = { Test: ['CMD', 'true'], Interval: large, Timeout: 2n ** 62n };
    const { id } = await commit(one, writeTar([{ path: 'new', data: 'abc' }]), { more: { Healthcheck: health, StopTimeout: large } });
    const two = store();
    await two.load(await one.save(id));
    const copy = testStore(() => Promise.reject(new Error('nothing is fetched')), memoryTars(), one.blobs);
    copy.images.restore(await copy.images.open(JSON.parse(JSON.stringify(one.images.snapshot()))));
    for (const { images } of [one, two, copy])
      expect((await images.inspect(id)).Config?.Healthcheck).toMatchObject({ Interval: large, Timeout: 2n ** 62n });
  });

  test('of no changes adds no layer', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const { id } = await commit(one, writeTar([]));
    expect((await one.images.inspect(id)).RootFS.Layers).toEqual((await one.images.inspect('app')).RootFS.Layers);
    expect((await one.images.history(id))[0]).toMatchObject({ CreatedBy: 'run', Size: 0 });
  });

  test('remembers what it was made of, which stays as long and goes with it', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const parent = one.images.resolve('app').id;
    const list = async (all: boolean, filters: Readonly<Record<string, readonly string[]>> = {}): Promise<string[]> =>
      (await one.images.list({ all, filters, sharedSize: false })).map(({ Id }) => Id);
    const remove = (name: string, prunesParents = true, force = false) => one.images.remove(name, { force, prunesParents });
    const { id } = await commit(one, writeTar([{ path: 'new', data: 'abc' }]));
    const { id: other } = await commit(one, writeTar([{ path: 'other', data: 'abc' }]));
    expect((await one.images.history(id)).slice(0, 2).map(({ Id }) => Id)).toEqual([id, parent]);
    expect((await remove('app')).map(({ Untagged }) => Untagged)).toEqual(['app:latest', expect.stringContaining('app@sha256:')]);
    expect(new Set(await list(true))).toEqual(new Set([id, other, parent]));
    expect(new Set(await list(false))).toEqual(new Set([id, other]));
    expect(new Set(await list(true, { dangling: ['true'] }))).toEqual(new Set([id, other]));
    await expect(remove(parent, true, true)).rejects.toThrow(
      `conflict: unable to delete ${parent.slice(7, 19)} (cannot be forced) - image has dependent child images`,
    );
    expect((await remove(other)).flatMap(({ Deleted }) => (Deleted === other || Deleted === parent ? [Deleted] : []))).toEqual([other]);
    await one.images.tag(id, 'mine', '1');
    expect((await one.images.prune({})).ImagesDeleted).toBeNull();
    expect((await remove('mine:1')).flatMap(({ Deleted }) => (Deleted === id || Deleted === parent ? [Deleted] : []))).toEqual([
      id,
      parent,
    ]);
    expect([await blobsOf(one), one.trees.size]).toEqual([[], 0]);
  });

  test('with --no-prune leaves what it was made of, for prune to find', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const parent = one.images.resolve('app').id;
    const { id } = await commit(one, writeTar([{ path: 'new', data: 'abc' }]));
    await one.images.remove('app', { force: false, prunesParents: true });
    await one.images.remove(id, { force: false, prunesParents: false });
    const pruned = (await one.images.prune({})).ImagesDeleted ?? [];
    expect(pruned[0]).toEqual({ Deleted: parent });
    expect(await blobsOf(one)).toEqual([]);
  });

  test('of one platform is not removed as another', async () => {
    const one = store();
    await one.pull('app', { tag: 'latest' });
    const remove = (platform: string) => one.images.remove('app', { force: false, prunesParents: true, platforms: [platform] });
    await expect(remove('linux/arm64')).rejects.toMatchObject({
      kind: 'not_found',
      message: 'image with reference app was found but its platform (linux/386) does not match the specified platform (linux/arm64)',
    });
    expect((await remove('linux/386'))[0]).toEqual({ Untagged: 'app:latest' });
  });
});
