import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { createPipe, readAll, sourceOf } from '../../base/streams.ts';
import type { UnpackedTars } from '../content/blob-store.ts';
import { memoryTars } from '../content/memory.ts';
import type { FetchBlob } from '../registry/bundled.ts';
import type { Images } from './images.ts';
import { testLayout, type TestImage } from './testing/layout.ts';
import { testStore } from './testing/store.ts';
import type { TarInput } from './testing/tar-writer.ts';

const base: TarInput[] = [{ path: 'bin/sh', mode: 0o755, data: 'shell' }];
const app: TestImage = { name: 'docker.io/library/app:latest', layers: [base, [{ path: 'app', data: 'app' }]] };
const other: TestImage = { name: 'docker.io/library/other:1', layers: [base, [{ path: 'other', data: 'other!' }]] };
const foreign: TestImage = { name: 'docker.io/library/arm:latest', layers: [base], architecture: 'arm64' };

function store(images: readonly TestImage[] = [app, other, foreign], tars?: UnpackedTars) {
  const layout = testLayout(images);
  return { ...testStore(layout.fetchBlob, tars), layout };
}

describe('pulling', () => {
  test('a fresh store is empty and knows no image', async () => {
    const { images } = store();
    expect(await images.list({ all: false, filters: {}, sharedSize: false })).toEqual([]);
    expect(() => images.resolve('app')).toThrow('No such image: app:latest');
  });

  test("tells each layer's way in the words of docker's client, bottom first", async () => {
    const { pull, images } = store();
    const said = await pull('app', { tag: 'latest' });
    const words = said
      .map((message) => message.status ?? '')
      .filter((status) => !/^(Download|Extract|Verify)ing/.test(status) && status !== 'Download complete');
    const { layers, id } = images.resolve('app');
    expect(words).toEqual([
      'Pulling from library/app',
      'Pulling fs layer',
      'Pulling fs layer',
      'Pull complete',
      'Pull complete',
      expect.stringMatching(/^Digest: sha256:[a-f0-9]{64}$/),
      'Status: Downloaded newer image for app:latest',
    ]);
    expect(said[0]?.id).toBe('latest');
    expect(said.filter((message) => message.status === 'Pull complete').map((message) => message.id)).toEqual(
      [...layers].reverse().map((layer) => layer.diffId.slice(7, 19)),
    );
    expect(said.find((message) => message.status === 'Downloading')?.progressDetail?.total).toBeGreaterThan(0);
    expect(id).toMatch(/^sha256:[a-f0-9]{64}$/);
  });

  test('the second time says that the image is up to date and fetches nothing: what a digest names is here', async () => {
    const { pull, layout } = store();
    await pull('app', { tag: 'latest' });
    const before = layout.fetched.length;
    const said = await pull('app', { tag: 'latest' });
    expect(said.map((message) => message.status)).toEqual([
      'Pulling from library/app',
      expect.stringContaining('Digest: '),
      'Status: Image is up to date for app:latest',
    ]);
    expect(layout.fetched.length - before).toBe(0);
  });

  test('a layer that is there already is not fetched again, and the guest sees it once', async () => {
    const { pull, trees } = store();
    await pull('app', { tag: 'latest' });
    const said = await pull('other:1');
    expect(said.map((message) => message.status)).toContain('Already exists');
    expect(trees.size).toBe(3);
  });

  test('two pulls at once share the download of a common layer', async () => {
    const { pull, layout, images } = store();
    await Promise.all([pull('app', { tag: 'latest' }), pull('other:1'), pull('app', { tag: 'latest' })]);
    const layerFetches = layout.fetched.filter((path) =>
      images.resolve('app').layers.some((layer) => path.endsWith(layer.diffId.slice(7))),
    );
    expect(layerFetches).toHaveLength(2);
    expect(images.totals().images).toBe(2);
  });

  test('of more layers than are fetched at once the others say that they wait', async () => {
    const layers = Array.from({ length: 5 }, (_, index): TarInput[] => [{ path: `file-${index}`, data: `layer ${index}` }]);
    const { pull, images } = store([{ name: 'docker.io/library/tall:latest', layers }]);
    const said = await pull('tall', { tag: 'latest' });
    const waited = new Set(said.flatMap(({ status, id }) => (status === 'Waiting' && id !== undefined ? [id] : [])));
    expect([...waited]).toEqual(
      images
        .resolve('tall')
        .layers.toReversed()
        .slice(3)
        .map((layer) => layer.diffId.slice(7, 19)),
    );
    expect(said.at(-1)?.status).toBe('Status: Downloaded newer image for tall:latest');
  });

  test('a bare name means every tag of the repository', async () => {
    const { pull, images } = store(['1', '2'].map((tag) => ({ ...other, name: `docker.io/library/x:${tag}`, labels: {} })));
    const said = await pull('x');
    expect(said.at(-1)?.status).toBe('Status: Downloaded newer image for x');
    expect((await images.list({ all: false, filters: {}, sharedSize: false }))[0]?.RepoTags).toEqual(['x:1', 'x:2']);
  });

  test('by digest names no tag', async () => {
    const { pull, images } = store();
    await pull('app', { tag: 'latest' });
    const [digest = ''] = (await images.inspect('app')).RepoDigests;
    const fresh = store();
    await fresh.pull('app', { tag: digest.replace('app@', '') });
    expect(await fresh.images.inspect(digest)).toMatchObject({ RepoTags: [], RepoDigests: [digest] });
  });

  test("an unknown name is refused in Docker's words, with what there is", async () => {
    const { pull } = store();
    await expect(pull('nothing')).rejects.toMatchObject({
      kind: 'not_found',
      message: expect.stringMatching(
        /^pull access denied for nothing, repository does not exist or may require 'docker login'.*app, arm, other:1$/,
      ),
    });
    await expect(pull('app:9')).rejects.toThrow('manifest for app:9 not found: manifest unknown');
    await expect(pull('App')).rejects.toMatchObject({
      kind: 'invalid',
      message: 'invalid reference format: repository name (library/App) must be lowercase',
    });
  });

  test('an image for another machine is refused', async () => {
    const { pull, images } = store();
    const said = await pull('arm', { tag: 'latest' });
    expect(said.at(-1)?.error).toBe('no matching manifest for linux/386 in the manifest list entries');
    expect((await pull('app:latest', { platform: 'linux/amd64' })).at(-1)?.errorDetail?.message).toBe(
      'no matching manifest for linux/amd64 in the manifest list entries',
    );
    expect(images.totals().images).toBe(0);
  });

  test('contents that do not match their digest are refused, and nothing of them stays', async () => {
    const { pull, layout, images, trees } = store([app]);
    const layer =
      [...layout.files.keys()].filter((path) => path.startsWith('blobs')).find((path) => (layout.files.get(path)?.length ?? 0) >= 1024) ??
      '';
    const spoiled = layout.files.get(layer)?.slice() ?? new Uint8Array();
    spoiled[700] = 0xff;
    layout.files.set(layer, spoiled);
    const said = await pull('app:latest');
    expect(said.at(-1)?.error).toContain('verification failed');
    expect(images.totals()).toEqual({ images: 0, layerBytes: 0 });
    expect(trees.size).toBe(0);
  });

  test('a layer that ends early is refused, and a later pull starts anew', async () => {
    const layout = testLayout([app]);
    let cut = true;
    const { pull, images } = testStore(async (path) => {
      const bytes = layout.files.get(path) ?? new Uint8Array();
      return sourceOf(cut && bytes.length >= 1024 ? bytes.subarray(0, 512) : bytes);
    });
    expect((await pull('app:latest')).at(-1)?.error).toContain('512 of');
    cut = false;
    expect((await pull('app:latest')).at(-1)?.status).toBe('Status: Downloaded newer image for app:latest');
    expect(images.totals().images).toBe(1);
  });

  test('who goes away leaves the layers to those who wait for them, too', async () => {
    const layout = testLayout([app]);
    let resume: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let asked: () => void = () => undefined;
    const askedForLayer = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { images, pull } = testStore(async (path) => {
      const bytes = layout.files.get(path) ?? utf8('');
      if (bytes.length >= 1024) {
        asked();
        await held;
      }
      return sourceOf(bytes);
    });
    const first = new AbortController();
    await images.pull({ image: 'app:latest', tag: '', platform: '', signal: first.signal });
    await askedForLayer;
    const second = pull('app:latest');
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    first.abort();
    resume();
    expect((await second).at(-1)).toEqual({ status: 'Status: Downloaded newer image for app:latest' });
  });

  test('an abandoned pull stops the download', async () => {
    const layout = testLayout([app]);
    const hanging = createPipe();
    let asked: () => void = () => undefined;
    const askedForLayer = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { images } = testStore(async (path) => {
      const bytes = layout.files.get(path) ?? utf8('');
      if (bytes.length < 1024) return sourceOf(bytes);
      asked();
      return hanging.source;
    });
    const client = new AbortController();
    const progress = await images.pull({ image: 'app:latest', tag: '', platform: '', signal: client.signal });
    await askedForLayer;
    client.abort();
    let last = null;
    for (let message = await progress.read(); message !== null; message = await progress.read()) last = message;
    expect(last).toMatchObject({ error: 'the pull was cancelled' });
    await expect(hanging.sink.write(new Uint8Array(1))).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('finding', () => {
  test('an image answers to its names, its ID, and the beginning of its ID', async () => {
    const { pull, images } = store();
    await pull('app:latest');
    const { id } = images.resolve('app');
    for (const name of ['app:latest', 'docker.io/library/app', id, id.slice(7), id.slice(7, 19), id.slice(0, 15)])
      expect(images.resolve(name).id).toBe(id);
    expect(images.resolve('app').byId).toBe(false);
    expect(images.resolve(id.slice(7, 19)).byId).toBe(true);
    expect(() => images.resolve(`sha256:${'0'.repeat(64)}`)).toThrow(`No such image: sha256:${'0'.repeat(64)}`);
  });

  test('layers come topmost first with the directories that the guest has', async () => {
    const { pull, images, trees } = store();
    await pull('app:latest');
    const { layers, config } = images.resolve('app');
    expect(trees.get(layers[0]?.directory ?? '')?.root.children?.has('app')).toBe(true);
    expect(trees.get(layers[1]?.directory ?? '')?.root.children?.has('bin')).toBe(true);
    expect(config).toMatchObject({ Cmd: ['sh'], Entrypoint: null, Env: ['PATH=/bin'] });
  });

  test('a layer that stands twice in an image is stacked once', async () => {
    const { pull, images } = store([{ name: 'docker.io/library/twice:latest', layers: [base, [{ path: 'x' }], base] }]);
    await pull('twice:latest');
    expect(images.resolve('twice').layers).toHaveLength(2);
  });
});

describe('listing', () => {
  test('filters by reference, label, age and name', async () => {
    const newer = { ...other, created: '2025-01-01T00:00:00Z', labels: { team: 'a' } };
    const { pull, images } = store([app, newer]);
    await pull('app:latest');
    await pull('other:1');
    const tags = async (filters: Record<string, readonly string[]>): Promise<readonly string[]> =>
      (await images.list({ all: false, filters, sharedSize: false })).flatMap((image) => image.RepoTags);
    expect(await tags({})).toEqual(['other:1', 'app:latest']);
    expect(await tags({ reference: ['a*'] })).toEqual(['app:latest']);
    expect(await tags({ reference: ['*:1'] })).toEqual(['other:1']);
    expect(await tags({ label: ['team'] })).toEqual(['other:1']);
    expect(await tags({ label: ['team=b'] })).toEqual([]);
    expect(await tags({ before: ['other:1'] })).toEqual(['app:latest']);
    expect(await tags({ since: ['app'] })).toEqual(['other:1']);
    expect(await tags({ dangling: ['true'] })).toEqual([]);
    await expect(tags({ dangling: ['perhaps'] })).rejects.toThrow("invalid filter 'dangling=perhaps'");
    expect(await tags({ reference: [''] })).toEqual([]);
    await expect(tags({ reference: Array.from({ length: 50_000 }, (_, at) => `${at}${'*a'.repeat(6)}*`) })).rejects.toThrow(
      "filter 'reference' is too large",
    );
    await expect(tags({ reference: ['[a'] })).rejects.toThrow('syntax error in pattern');
  });

  test('search looks in names and descriptions, names first, and keeps nothing of what it read', async () => {
    const labelled = { ...app, name: 'docker.io/lab/tool:2', labels: { 'org.opencontainers.image.description': 'Another APP' } };
    const { images, blobs } = store([labelled, other, foreign, app]);
    const search = (term: string, limit = 0, filters = {}) => images.search({ term, limit, filters, signal: new AbortController().signal });
    const names = async (...asked: Parameters<typeof search>) => (await search(...asked)).map(({ name }) => name);
    expect(await search('App')).toEqual([
      { name: 'app', description: '', star_count: 0, is_official: false, is_automated: false },
      { name: 'lab/tool', description: 'Another APP', star_count: 0, is_official: false, is_automated: false },
    ]);
    expect([await names('docker.io/library/app'), await names('app', 1), await names('arm'), await names('nosuch')]).toEqual([
      ['app', 'lab/tool'],
      ['app'],
      ['arm'],
      [],
    ]);
    expect([await names('app', 0, { stars: ['1'] }), await names('app', 0, { 'is-official': ['true'] })]).toEqual([[], []]);
    expect(await names('app', 100, { stars: ['0'], 'is-official': ['false'] })).toEqual(['app', 'lab/tool']);
    for (const [term, limit, filters, message] of [
      ['x', 101, {}, 'limit 101 is outside the range of [1, 100]'],
      ['x', -1, {}, 'limit -1 is outside the range of [1, 100]'],
      ['https://x', 0, {}, 'invalid repository name: repository name (https://x) should not have a scheme'],
      ['x', 0, { stars: ['x'] }, 'invalid filter \'stars=x\': strconv.Atoi: parsing "x": invalid syntax'],
      ['ghcr.io/x', 0, {}, 'ghcr.io cannot be searched: only what comes with this playground can'],
    ] as const)
      await expect(search(term, limit, filters)).rejects.toThrow(message);
    expect(await images.list({ all: true, filters: {}, sharedSize: false })).toEqual([]);
    await expect.poll(() => blobs.list()).toEqual([]);
  });

  test('history has the steps newest first, with the sizes of their layers', async () => {
    const { pull, images } = store();
    await pull('app:latest');
    expect((await images.history('app')).map((step) => [step.CreatedBy, step.Size, step.Tags])).toEqual([
      ['CMD ["sh"]', 0, ['app:latest']],
      ['LAYER 1', 3, null],
      ['LAYER 0', 5, null],
    ]);
  });
});

describe('removing', () => {
  test('the only name takes the image and the layers nobody else has', async () => {
    const { pull, images, trees, events } = store();
    await pull('app:latest');
    await pull('other:1');
    const { id } = images.resolve('app');
    const items = await images.remove('app', { force: false, prunesParents: true });
    expect(items.map((item) => Object.keys(item)[0])).toEqual(['Untagged', 'Untagged', 'Deleted', 'Deleted']);
    expect(items[0]?.Untagged).toBe('app:latest');
    expect(items[2]?.Deleted).toBe(id);
    expect(trees.size).toBe(2);
    expect(events()).toEqual(['pull app:latest', 'pull other:1', `untag ${id}`, `delete ${id}`]);
    expect(() => images.resolve('app')).toThrow('No such image: app:latest');
  });

  test('one of two names leaves the image', async () => {
    const { pull, images } = store();
    await pull('app:latest');
    await images.tag('app', 'mine', 'v1');
    expect(await images.remove('mine:v1', { force: false, prunesParents: true })).toEqual([{ Untagged: 'mine:v1' }]);
    expect(images.resolve('app')).toBeDefined();
  });

  test('by ID with names in two repositories needs force, and then takes all names along', async () => {
    const { pull, images } = store();
    await pull('app:latest');
    await images.tag('app', 'mine', '');
    const { id } = images.resolve('app');
    await expect(images.remove(id.slice(7, 19), { force: false, prunesParents: true })).rejects.toMatchObject({
      kind: 'conflict',
      message: `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
    });
    const items = await images.remove(id, { force: true, prunesParents: true });
    expect(items.flatMap((item) => item.Untagged ?? [])).toEqual(expect.arrayContaining(['app:latest', 'mine:latest']));
    expect(images.totals().images).toBe(0);
  });

  test('an image in use is kept: with a name until forced, running in any case', async () => {
    const { pull, images, users } = store();
    await pull('app:latest');
    const { id } = images.resolve('app');
    const container = 'c'.repeat(64);
    users.set(id, [{ id: container, running: false }]);
    await expect(images.remove('app', { force: false, prunesParents: true })).rejects.toThrow(
      `conflict: unable to remove repository reference "app" (must force) - container ${container.slice(0, 12)} is using its referenced image ${id.slice(7, 19)}`,
    );
    users.set(id, [{ id: container, running: true }]);
    await expect(images.remove(id, { force: true, prunesParents: true })).rejects.toThrow(
      `conflict: unable to delete ${id.slice(7, 19)} (cannot be forced) - image is being used by running container ${container.slice(0, 12)}`,
    );
  });

  test('prune takes all names but the last of an image that a container uses', async () => {
    const { pull, images, users } = store();
    await pull('app:latest');
    const { id } = images.resolve('app');
    await images.tag(id, 'mine', '1');
    users.set(id, [{ id: 'c'.repeat(64), running: false }]);
    const { ImagesDeleted: deleted } = await images.prune({ dangling: ['false'] });
    expect(deleted).toEqual([{ Untagged: 'app:latest' }, { Untagged: expect.stringMatching(/^app@sha256:/) }]);
    expect((await images.prune({ dangling: ['false'] })).ImagesDeleted).toBeNull();
    expect(images.resolve('mine:1').id).toBe(id);
  });

  test('an image that a container runs from loses its name by force, and stays without one', async () => {
    const { pull, images, users, events } = store();
    await pull('app:latest');
    const { id } = images.resolve('app');
    users.set(id, [{ id: 'c'.repeat(64), running: true }]);
    const items = await images.remove('app', { force: true, prunesParents: true });
    expect(items.map((item) => Object.keys(item)[0])).toEqual(['Untagged', 'Untagged']);
    expect(await images.list({ all: false, filters: { dangling: ['true'] }, sharedSize: false })).toMatchObject([{ Id: id, RepoTags: [] }]);
    expect(events()).not.toContain(`delete ${id}`);
  });

  test('a container keeps the layers of an image that was removed by force, until it is gone', async () => {
    const { pull, images, users, trees } = store();
    await pull('app:latest');
    const { id } = images.resolve('app');
    users.set(id, [{ id: 'c'.repeat(64), running: false }]);
    const items = await images.remove('app', { force: true, prunesParents: true });
    expect(items.filter((item) => item.Deleted !== undefined)).toEqual([{ Deleted: id }]);
    expect(images.byId(id)?.layers).toHaveLength(2);
    users.delete(id);
    images.sweep();
    expect(images.byId(id)).toBeNull();
    expect(trees.size).toBe(0);
  });

  test('prune takes what has no name, and with dangling=false what no container uses', async () => {
    const { pull, images, users } = store();
    await pull('app:latest');
    await pull('other:1');
    await images.tag('app', 'other', '1');
    const before = images.totals().layerBytes;
    const pruned = await images.prune({});
    expect(pruned.SpaceReclaimed).toBe(before - images.totals().layerBytes);
    users.set(images.resolve('app').id, [{ id: 'c'.repeat(64), running: false }]);
    await images.prune({ dangling: ['false'] });
    expect(images.totals().images).toBe(1);
  });
});

test('a tag must be a name and not a digest', async () => {
  const { pull, images } = store();
  await pull('app:latest');
  await expect(images.tag('app', `x@sha256:${'a'.repeat(64)}`, '')).rejects.toThrow('cannot import digest reference');
  await expect(images.tag('app', 'X', '')).rejects.toThrow('must be lowercase');
  await expect(images.tag('nope', 'x', '')).rejects.toThrow('No such image: nope:latest');
});

describe('contents', () => {
  test('manifest, config and layers are kept as the bytes that came, and go with the image', async () => {
    const { pull, images, layout, blobs } = store();
    await pull('app', { tag: 'latest' });
    const kept = await blobs.list();
    const came = layout.fetched.filter((path) => path.startsWith('blobs/')).map((path) => path.replace('blobs/sha256/', 'sha256:'));
    expect(kept.map(({ digest }) => digest).sort()).toEqual([...new Set(came)].sort());
    for (const { digest } of kept)
      expect(await readAll(await blobs.open(digest))).toEqual(layout.files.get(`blobs/${digest.replace(':', '/')}`));
    await pull('other', { tag: '1' });
    await images.remove('app', { force: false, prunesParents: true });
    // One layer is of the other image too: its manifest, config and two layers.
    expect(await blobs.list()).toHaveLength(4);
    await images.remove('other:1', { force: false, prunesParents: true });
    expect(await blobs.list()).toEqual([]);
  });

  test.each([
    ['of another image', { name: 'docker.io/library/twin:1', repacked: true, labels: { other: 'config' } }],
    ['of the same image by another manifest', { name: 'docker.io/library/twin:1', repacked: true, labels: { app: app.name } }],
  ])('the blobs %s are kept beside those of the same layers, for its own digests', async (_, twin) => {
    const { pull, images, blobs, layout } = store([app, { ...app, ...twin }]);
    await pull('app', { tag: 'latest' });
    const said = await pull('twin', { tag: '1' });
    expect(said.some(({ error }) => error !== undefined)).toBe(false);
    const kept = async () => (await blobs.list()).map(({ digest }) => `blobs/${digest.replace(':', '/')}`).sort();
    const all = [...layout.files.keys()].filter((path) => path.startsWith('blobs/')).sort();
    expect(await kept()).toEqual(all);
    const copy = testStore(() => Promise.reject(new Error('nothing is fetched')), memoryTars(), blobs);
    copy.images.restore(await copy.images.open(JSON.parse(JSON.stringify(images.snapshot()))));
    await copy.images.settled();
    expect(await kept()).toEqual(all);
    for (const name of ['app', 'twin:1']) await images.remove(name, { force: false, prunesParents: true });
    expect(await kept()).toEqual([]);
  });

  test('a layer that containers stand on keeps its blob after the image is gone by force', async () => {
    const { pull, images, users, blobs } = store();
    await pull('app', { tag: 'latest' });
    const { id } = images.resolve('app');
    users.set(id, [{ id: 'c'.repeat(64), running: false }]);
    await images.remove('app', { force: true, prunesParents: true });
    expect((await blobs.list()).length).toBeGreaterThanOrEqual(3);
    users.clear();
    images.sweep();
    await images.settled();
    expect(await blobs.list()).toEqual([]);
  });

  test('a pull that fails leaves nothing', async () => {
    const { pull, blobs, images, layout } = store();
    const [path = ''] = [...layout.files.keys()].filter((name) => name.startsWith('blobs/'));
    layout.files.set(path, utf8('spoiled'));
    await pull('app', { tag: 'latest' });
    await images.settled();
    expect(await blobs.list()).toEqual([]);
  });

  test('an unpacked tar that was taken away is made again from its blob, once for all who read', async () => {
    const taken = new Set<string>();
    const made: string[] = [];
    const inMemory = memoryTars();
    const tars: UnpackedTars = {
      ...inMemory,
      async create(diffId, bytes) {
        made.push(diffId);
        taken.delete(diffId);
        const writer = await inMemory.create(diffId, bytes);
        const commit = async () => {
          const tar = await writer.commit();
          return { read: (offset: number, count: number) => (taken.has(diffId) ? null : tar.read(offset, count)) };
        };
        return { ...writer, commit };
      },
    };
    const { pull, images, trees } = store([app], tars);
    await pull('app', { tag: 'latest' });
    const [, bottom] = images.resolve('app').layers;
    const shell = trees
      .get(bottom?.directory ?? '')
      ?.root.children?.get('bin')
      ?.children?.get('sh');
    taken.add(bottom?.diffId ?? '');
    made.length = 0;
    const both = await Promise.all([shell?.read?.(0, 2), shell?.read?.(2, 100)]);
    expect(both.map((part) => fromUtf8(part ?? new Uint8Array()))).toEqual(['sh', 'ell']);
    expect(made).toEqual([bottom?.diffId]);
  });
});

describe('a checkpoint', () => {
  const json = (images: Images): unknown => JSON.parse(JSON.stringify(images.snapshot()));

  test('has the records; the contents come from the store, and the trees are those the guest knew', async () => {
    const { pull, images, trees, blobs, layout, users } = store();
    await pull('app', { tag: 'latest' });
    await pull('other', { tag: '1' });
    await images.tag('app', 'mine', 'v2');
    users.set(images.resolve('other:1').id, [{ id: 'c'.repeat(64), running: false }]);
    await images.remove('other:1', { force: true, prunesParents: true });
    const saved = json(images);
    expect(JSON.stringify(saved)).not.toContain('Entrypoint');
    const before = [
      await images.inspect('mine:v2'),
      await images.list({ all: false, filters: {}, sharedSize: true }),
      await images.history('app'),
    ];

    const copy = testStore(() => Promise.reject(new Error('nothing is fetched')), memoryTars(), blobs);
    const opened = await copy.images.open(saved);
    expect(copy.images.totals().images).toBe(0);
    expect(new Map(opened.trees.map(([name, { inodes }]) => [name, inodes]))).toEqual(
      new Map([...trees].map(([name, { inodes }]) => [name, inodes])),
    );
    copy.images.restore(opened);
    expect([
      await copy.images.inspect('mine:v2'),
      await copy.images.list({ all: false, filters: {}, sharedSize: true }),
      await copy.images.history('app'),
    ]).toEqual(before);
    expect(copy.images.byId([...users.keys()][0] ?? '')).not.toBeNull();
    expect([...copy.trees.keys()].sort()).toEqual([...trees.keys()].sort());
    const shell = copy.trees
      .get(copy.images.resolve('app').layers[1]?.directory ?? '')
      ?.root.children?.get('bin')
      ?.children?.get('sh');
    expect(fromUtf8((await shell?.read?.(0, 100)) ?? new Uint8Array())).toBe('shell');
    expect(layout.fetched.length).toBeGreaterThan(0);
  });

  test('whose contents are gone is refused before anything changes', async () => {
    const { pull, images, blobs } = store();
    await pull('app', { tag: 'latest' });
    const saved = json(images);
    await blobs.delete(images.resolve('app').id);
    await expect(images.open(saved)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(images.open({ images: [{}] })).rejects.toMatchObject({ kind: 'invalid' });
    expect(images.totals().images).toBe(1);
  });

  test('discards a pull that was under way, what it brought and what it would have brought', async () => {
    const layout = testLayout([app, other]);
    const gate = createPipe();
    const slow: FetchBlob = async (path) => {
      const source = await layout.fetchBlob(path);
      if (!path.includes(lastLayer)) return source;
      return { read: async () => ((await gate.source.read()) === null ? null : source.read()), cancel: () => gate.source.cancel() };
    };
    const all = [...layout.files.keys()].filter((path) => path.startsWith('blobs/'));
    const lastLayer = all.find((path) => fromUtf8(layout.files.get(path) ?? new Uint8Array()).startsWith('other')) ?? '';
    const { pull, images, blobs, trees } = testStore(slow);
    await pull('app', { tag: 'latest' });
    const saved = json(images);
    const kept = (await blobs.list()).length;
    const pulling = pull('other', { tag: '1' });
    while (!layout.fetched.some((path) => path === lastLayer)) await new Promise((resolve) => setImmediate(resolve));
    images.restore(await images.open(saved));
    expect((await pulling).at(-1)?.error).toContain('cancelled');
    await images.settled();
    expect(images.totals().images).toBe(1);
    expect(() => images.resolve('other:1')).toThrow('No such image');
    expect(await blobs.list()).toHaveLength(kept);
    expect(trees.size).toBe(2);
    await gate.sink.close();
  });
});
