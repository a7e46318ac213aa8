import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPipe, readAll, type ByteSource, type Duplex } from '../../base/streams.ts';
import { systemClock } from '../../engine/clock.ts';
import { Holds } from '../../engine/content/holds.ts';
import { createEventLog } from '../../engine/events/log.ts';
import { createImages, readImages, type Images } from '../../engine/images/images.ts';
import { testLayout, type TestImage } from '../../engine/images/testing/layout.ts';
import { testLayers, testStore } from '../../engine/images/testing/store.ts';
import { writeTar } from '../../engine/images/testing/tar-writer.ts';
import { bundledRegistry, type FetchBlob } from '../../engine/registry/bundled.ts';
import { countingRandom } from '../../engine/testing/engine.ts';
import type { Source } from '../../engine/source.ts';
import type { JsonMessage } from '../../protocol/engine-api.ts';
import { openDataRoot, type DataRoot } from '../../storage/node/data-root.ts';
import { inflate } from '../inflate.ts';

const app: TestImage = {
  name: 'docker.io/library/app:latest',
  layers: [[{ path: 'bin/sh', data: 'shell' }], [{ path: 'app', data: 'a'.repeat(2000) }]],
};
const kept: TestImage = { name: 'docker.io/library/kept:latest', layers: [[{ path: 'kept', data: 'kept' }]] };
const loaded: TestImage = { name: 'docker.io/library/loaded:latest', layers: [[{ path: 'l', data: 'loaded' }]] };
const { signal } = new AbortController();

let path: string;
let root: DataRoot;
/** One store of contents, as the engines that follow one another have it. */
const holds = new Holds();
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'under-way-'));
  root = await openDataRoot(path);
});
afterEach(async () => {
  await root.dispose();
  await rm(path, { recursive: true, force: true });
});

function engine(fetchBlob: FetchBlob): Images {
  const clock = systemClock();
  return createImages({
    registry: bundledRegistry(fetchBlob),
    layers: testLayers(new Map()),
    inflate,
    storage: { blobs: root.blobs, tars: root.tars, holds },
    uses: { usersOf: () => [], mountersOf: () => [] },
    log: createEventLog(clock),
    clock,
    random: countingRandom(),
    layerRoot: '/layers',
  });
}

/** Every file of the store, those that are being written among them. */
async function files(): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function pullTo(images: Images, image: string): Promise<string> {
  return lastOf(await images.pull({ image, tag: 'latest', platform: '', signal }));
}

async function lastOf(messages: Source<JsonMessage>): Promise<string> {
  let last = '';
  for (let message = await messages.read(); message !== null; message = await messages.read())
    last = message.error ?? message.status ?? message.stream?.trim() ?? last;
  return last;
}

/** Sources that wait at half of what they have. */
class Gates {
  readonly #rest: { readonly pipe: Duplex; readonly bytes: Uint8Array }[] = [];

  get waiting(): number {
    return this.#rest.length;
  }

  async half(bytes: Uint8Array): Promise<ByteSource> {
    const pipe = createPipe();
    const half = Math.floor(bytes.length / 2);
    await pipe.sink.write(bytes.subarray(0, half));
    this.#rest.push({ pipe, bytes: bytes.subarray(half) });
    return pipe.source;
  }

  async open(): Promise<void> {
    for (const { pipe, bytes } of this.#rest.splice(0)) {
      await pipe.sink.write(bytes);
      await pipe.sink.close();
    }
  }
}

const layout = testLayout([app, kept, loaded]);
const biggest = [...layout.files].reduce((one, other) => (other[1].length > one[1].length ? other : one))[0];

async function archiveOf(image: string): Promise<Uint8Array> {
  const { pull, images } = testStore(layout.fetchBlob);
  await pull(image, { tag: 'latest' });
  return readAll(await images.save([image], ''));
}

/** What is under way, at half of its bytes. */
const works: Readonly<Record<string, (images: Images, gates: Gates) => Promise<string>>> = {
  pull: (images) => pullTo(images, 'app'),
  load: async (images, gates) => {
    const source = await gates.half(await archiveOf('loaded'));
    return lastOf(await images.load(source, { quiet: true, platform: '', signal }));
  },
  import: async (images, gates) => {
    const source = await gates.half(writeTar([{ path: 'f', data: 'f'.repeat(5000) }]));
    return images.import(source, { repository: 'in', tag: '1', message: '', changes: [], platform: '', signal });
  },
};

const gated =
  (gates: Gates): FetchBlob =>
  async (name) => {
    const bytes = layout.files.get(name);
    return name === biggest && bytes !== undefined ? gates.half(bytes) : layout.fetchBlob(name);
  };

test.each(Object.entries(works))(
  'a %s that was under way when the machine was saved is given up by a restore at once, and nothing of it is left',
  async (_, work) => {
    const gates = new Gates();
    const before = engine(gated(gates));
    await pullTo(before, 'kept');
    await before.settled();
    const stood = await files();
    const over = work(before, gates).then(String, String);
    await expect.poll(async () => (await files()).some((name) => name.startsWith('.tmp-'))).toBe(true);
    const saved: unknown = JSON.parse(JSON.stringify(before.snapshot()));
    // As a reset and a restore do: nobody ever goes on sending.
    await before.dispose();
    expect(await over).toMatch(/cancel/);
    const after = engine(layout.fetchBlob);
    after.restore(await readImages({ storage: { blobs: root.blobs, tars: root.tars }, inflate }, saved));
    await after.settled();
    expect(await after.list({ all: true, filters: {}, sharedSize: false })).toHaveLength(1);
    expect((await files()).filter((name) => !stood.includes(name))).toEqual([]);
    expect([...layout.files.keys()].filter((name) => holds.has(name.replace('blobs/sha256/', 'sha256:')))).toEqual([]);
    // No lock is left on what it had begun.
    expect(await pullTo(after, 'app')).toContain('Downloaded');
    await after.dispose();
  },
);

test('a save disturbs neither a pull nor a load nor an import that is under way', async () => {
  const gates = new Gates();
  const images = engine(gated(gates));
  const all = Object.values(works).map((work) => work(images, gates));
  await expect.poll(() => gates.waiting).toBe(3);
  expect(images.snapshot()).toMatchObject({ images: [], names: [], layers: [] });
  await gates.open();
  expect(await Promise.all(all)).toEqual([
    'Status: Downloaded newer image for app:latest',
    'Loaded image: loaded:latest',
    expect.stringMatching(/^sha256:/),
  ]);
  expect((await images.list({ all: true, filters: {}, sharedSize: false })).flatMap(({ RepoTags }) => RepoTags).sort()).toEqual([
    'app:latest',
    'in:1',
    'loaded:latest',
  ]);
  await images.dispose();
});
