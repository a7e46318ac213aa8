import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPipe, readAll, sourceOf } from '../../base/streams.ts';
import { openDataRoot, type DataRoot } from './data-root.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const hello = bytes('hello');
const digest = digestOf(hello);
const hex = digest.slice(7);

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'data-root-'));
}

async function putHello({ blobs }: DataRoot): Promise<void> {
  await blobs.put(digest, sourceOf(hello));
}

describe('blobs in a folder', () => {
  test('are put whole, read in ranges, listed and deleted', async () => {
    const { blobs } = await openDataRoot(await folder());
    expect(await blobs.has(digest)).toBe(false);
    await expect(blobs.open(digest)).rejects.toMatchObject({ kind: 'not_found' });
    await blobs.put(digest, sourceOf(hello.subarray(0, 2), hello.subarray(2)));
    await blobs.put(digest, sourceOf(hello));
    expect(await readAll(await blobs.open(digest))).toEqual(hello);
    expect(await readAll(await blobs.open(digest, { offset: 1, count: 3 }))).toEqual(bytes('ell'));
    expect(await blobs.list()).toEqual([{ digest, bytes: 5 }]);
    await blobs.delete(digest);
    await blobs.delete(digest);
    expect(await blobs.list()).toEqual([]);
  });

  test('do not exist before they are whole, and not at all when their source fails', async () => {
    const path = await folder();
    const { blobs } = await openDataRoot(path);
    const pipe = createPipe();
    const putting = blobs.put(digest, pipe.source);
    await pipe.sink.write(hello.subarray(0, 2));
    expect(await blobs.has(digest)).toBe(false);
    pipe.sink.abort(new Error('the registry is gone'));
    await expect(putting).rejects.toThrow('the registry is gone');
    const [own = ''] = await readdir(join(path, 'engines'));
    expect([...(await readdir(join(path, 'blobs'))), ...(await readdir(join(path, 'engines', own)))]).toEqual([]);
  });

  test('are named by digests and nothing else', async () => {
    const { blobs } = await openDataRoot(await folder());
    for (const name of ['../../etc/passwd', 'sha256:../x', `sha512:${hex}`, `sha256:${hex}/..`, ''])
      await expect(blobs.open(name)).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('of two engines in one folder are shared, and what one deletes the other keeps', async () => {
    const path = await folder();
    const [one, other] = [await openDataRoot(path), await openDataRoot(path)];
    await putHello(one);
    expect(await other.blobs.has(digest)).toBe(true);
    await one.blobs.delete(digest);
    expect(await one.blobs.list()).toEqual([]);
    expect(await readAll(await other.blobs.open(digest))).toEqual(hello);
    await other.blobs.delete(digest);
    expect(await readdir(join(path, 'blobs'))).toEqual([]);
  });

  test('that no engine holds stay within bounds for the next one', async () => {
    const path = await folder();
    const bounds = { blobs: 1000, tars: 1000 };
    const one = await openDataRoot(path, bounds);
    await putHello(one);
    await one.dispose();
    const next = await openDataRoot(path, bounds);
    expect(await next.blobs.has(digest)).toBe(true);
    for (let index = 0; index < 5; index += 1) {
      const large = bytes(`${index}`.repeat(400));
      await next.blobs.put(digestOf(large), sourceOf(large));
    }
    expect(await next.blobs.list()).toHaveLength(6);
    await next.dispose();
    expect((await readdir(join(path, 'blobs'))).length).toBeLessThanOrEqual(2);
  });
});

describe('unpacked layers in a folder', () => {
  async function written({ tars }: DataRoot, text = 'unpacked') {
    const writer = await tars.create(digest, 0);
    await writer.write(bytes(text));
    return writer.commit();
  }

  test('are read by offset, and found by who comes later', async () => {
    const path = await folder();
    const root = await openDataRoot(path);
    expect(await root.tars.find(digest)).toBeNull();
    const tar = await written(root);
    expect(tar.read(2, 4)).toEqual(bytes('pack'));
    expect(tar.read(6, 100)).toEqual(bytes('ed'));
    expect(tar.read(100, 1)).toEqual(bytes(''));
    expect((await (await openDataRoot(path)).tars.find(digest))?.read(0, 2)).toEqual(bytes('un'));
  });

  test('may be deleted or cut at any time: then reading says so', async () => {
    const path = await folder();
    const root = await openDataRoot(path);
    const file = join(path, 'layers', hex);
    await written(root);
    root.tars.dispose();
    const tar = await root.tars.find(digest);
    await rm(file);
    expect(tar?.read(0, 4)).toBeNull();
    const again = await written(root);
    await truncate(file, 3);
    expect(again.read(0, 8)).toBeNull();
    expect((await written(root)).read(0, 8)).toEqual(bytes('unpacked'));
  });

  test('one that is given up leaves nothing', async () => {
    const path = await folder();
    const { tars } = await openDataRoot(path);
    const writer = await tars.create(digest, 0);
    await writer.write(hello);
    await writer.abort();
    await writer.abort();
    expect(await readdir(join(path, 'layers'))).toEqual([]);
  });

  test('the longest unused go when there is no room', async () => {
    const path = await folder();
    const { tars } = await openDataRoot(path, { blobs: 1000, tars: 1000 });
    for (let index = 0; index < 6; index += 1) {
      const writer = await tars.create(digestOf(bytes(`${index}`)), 0);
      await writer.write(bytes('x'.repeat(400)));
      expect((await writer.commit()).read(0, 1)).toEqual(bytes('x'));
    }
    expect((await readdir(join(path, 'layers'))).length).toBeLessThanOrEqual(2);
  });
});

test('a folder that somebody else could write to is refused', async () => {
  const open = await folder();
  await chmod(open, 0o777);
  await expect(openDataRoot(open)).rejects.toMatchObject({ kind: 'forbidden' });
  const linked = join(await folder(), 'link');
  await symlink(await folder(), linked);
  await expect(openDataRoot(linked)).rejects.toMatchObject({ kind: 'forbidden' });
});

const writerProgram = resolve(import.meta.dirname, 'testing/writer.ts');

function startWriter(path: string, seed: string, rounds: number) {
  return spawn(process.execPath, ['--import', 'tsx', writerProgram, path, seed, `${rounds}`], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Every file whose name is a digest holds what the name says. */
async function wrongBlobs(path: string): Promise<string[]> {
  const names = await readdir(join(path, 'blobs'));
  const checked = await Promise.all(names.map(async (name) => [name, digestOf(await readFile(join(path, 'blobs', name)))] as const));
  return checked.filter(([name, actual]) => actual !== `sha256:${name}`).map(([name]) => name);
}

test('engines killed in the middle of their writing leave no wrong blob, and the next one clears up behind them', async () => {
  const path = await folder();
  const writers = ['a', 'a', 'b'].map((seed) => startWriter(path, seed, 1_000_000));
  await Promise.all(writers.map(({ stdout }) => once(stdout, 'data')));
  const ended = writers.map((writer) => once(writer, 'exit'));
  for (const writer of writers) writer.kill('SIGKILL');
  await Promise.all(ended);
  expect(await wrongBlobs(path)).toEqual([]);
  await mkdir(join(path, 'layers'), { recursive: true });
  await writeFile(join(path, 'layers', `.tmp-${writers[0]?.pid}-dead`), 'half');
  const root = await openDataRoot(path);
  expect((await readdir(join(path, 'engines'))).length).toBe(1);
  expect((await readdir(join(path, 'layers'))).filter((name) => name.startsWith('.'))).toEqual([]);
  await putHello(root);
  expect(await readAll(await root.blobs.open(digest))).toEqual(hello);
});

test('two processes that write and delete the same blobs end with all of them, whole', async () => {
  const path = await folder();
  const keeper = await openDataRoot(path);
  const writers = ['a', 'a'].map((seed) => startWriter(path, seed, 8));
  const codes = await Promise.all(writers.map(async (writer): Promise<unknown> => (await once(writer, 'exit'))[0]));
  expect(codes).toEqual([0, 0]);
  expect(await readdir(join(path, 'blobs'))).toHaveLength(5);
  expect(await wrongBlobs(path)).toEqual([]);
  await keeper.dispose();
});
