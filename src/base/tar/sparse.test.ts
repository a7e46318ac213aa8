import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../bytes.ts';
import { AppError } from '../errors.ts';
import { readAll, sourceOf } from '../streams.ts';
import { LayerBuilder } from '../../engine/images/layer-tree.ts';
import { writeTar } from '../../engine/images/testing/tar-writer.ts';
import { readArchive } from '../testing/tar.ts';
import { tarEntries } from './read.ts';

const versions = ['0.0', '0.1', '1.0'];
const pieces: readonly (readonly [number, string])[] = [
  [0, 'beginning'],
  [1_048_570, 'x'.repeat(20_000)],
  [5_000_000, 'end'],
];

/** A file of 6 MB with three pieces, a plain one beside it, and both as GNU tar writes them. */
async function holes(version: string): Promise<{ readonly archive: Uint8Array; readonly file: Uint8Array }> {
  const path = await mkdtemp(join(tmpdir(), 'tar-'));
  const made = await open(join(path, 'holes'), 'w');
  for (const [at, text] of pieces) await made.write(text, at);
  await made.truncate(6_000_000);
  await made.close();
  execFileSync('sh', ['-c', 'echo plain >plain'], { cwd: path });
  const options = ['-S', '--format=posix', `--sparse-version=${version}`, '-cf', '-', 'holes', 'plain'];
  return { archive: new Uint8Array(execFileSync('tar', options, { cwd: path })), file: await readFile(join(path, 'holes')) };
}

async function contentsOf(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for await (const { header, contents } of tarEntries(sourceOf(archive))) found.set(header.path, await readAll(contents));
  return found;
}

describe.each(versions)('a sparse file of version %s', (version) => {
  test('has its name and size, and is read with zeros where nothing is', async () => {
    const { archive, file } = await holes(version);
    expect(archive.length).toBeLessThan(100_000);
    const found = await contentsOf(archive);
    expect([...found.keys()]).toEqual(['holes', 'plain']);
    expect(Buffer.from(found.get('holes') ?? []).equals(file)).toBe(true);
    expect(found.get('plain')).toEqual(utf8('plain\n'));
  });

  test('is skipped by who does not read it, in pieces of any size', async () => {
    const { archive } = await holes(version);
    for (const pieceBytes of [1, 511, 700, 4096])
      expect(readArchive(archive, { pieceBytes }).map(({ path, size }) => [path, size])).toEqual([
        ['holes', 6_000_000],
        ['plain', 6],
      ]);
  });

  test('is a file of a layer from which any part is read', async () => {
    const { archive, file } = await holes(version);
    const builder = new LayerBuilder((offset, count) => archive.subarray(offset, offset + Math.min(count, 1000)));
    builder.push(archive);
    const { tree, size } = builder.finish();
    expect(size).toBe(6_000_006);
    const node = tree.root.children?.get('holes');
    expect(node?.size).toBe(6_000_000);
    for (const [offset, count] of [
      [0, 100],
      [5, 1_048_600],
      [1_048_569, 3],
      [4_999_999, 5],
      [5_999_990, 100],
      [6_000_000, 10],
      [2_000_000, 10],
    ] as const)
      expect(Buffer.from((await node?.read?.(offset, count)) ?? []).equals(file.subarray(offset, offset + count))).toBe(true);
  });

  test('cut anywhere is refused, or the archive ends before it', async () => {
    const { archive } = await holes(version);
    for (let length = 0; length < archive.length; length += 509)
      await contentsOf(archive.subarray(0, length)).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(AppError));
  });
});

test('maps that say what cannot be are refused', () => {
  const mapped = (map: string, size: string, data = '') =>
    writeTar([{ path: 'f', data, pax: { 'GNU.sparse.map': map, 'GNU.sparse.size': size } }]);
  expect(readArchive(mapped('', '1000'))).toMatchObject([{ size: 1000 }]);
  expect(readArchive(mapped('9,1,12,0', '12', 'a'))).toMatchObject([{ size: 12 }]);
  for (const archive of [mapped('9,2', '10', 'ab'), mapped('1,2', '10', 'a'), mapped('1,1', '10', 'ab'), mapped('1,1', '-1', 'a')])
    expect(() => readArchive(archive)).toThrow('invalid tar header');
  const leading = (map: string) =>
    writeTar([
      {
        path: 'f',
        data: concatBytes([utf8(map), new Uint8Array(512)]).subarray(0, 512),
        pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' },
      },
    ]);
  for (const map of ['x\n', '-1\n', '\n', '1\n5\n', '99999999999999999999\n', '9999999\n'])
    expect(() => readArchive(leading(map))).toThrow('invalid tar header');
});

test('a file of a petabyte that has nothing in it takes neither time nor memory where it is not read', async () => {
  const archive = writeTar([
    { path: 'f', pax: { 'GNU.sparse.map': '', 'GNU.sparse.size': String(2 ** 50) } },
    { path: 'g', data: 'g' },
  ]);
  const paths: string[] = [];
  for await (const { header } of tarEntries(sourceOf(archive))) paths.push(header.path);
  expect(paths).toEqual(['f', 'g']);
  const builder = new LayerBuilder((offset, count) => archive.subarray(offset, offset + count));
  builder.push(archive);
  expect(
    await builder
      .finish()
      .tree.root.children?.get('f')
      ?.read?.(2 ** 49, 10),
  ).toEqual(new Uint8Array(10));
});
