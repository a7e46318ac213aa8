import { expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { readAll, sourceOf } from '../../base/streams.ts';
import type { TarHeader } from '../../base/tar/entry.ts';
import { headerBytes, tarEnd, tarOf, type TarInput } from '../../base/tar/write.ts';
import { readArchive } from '../../base/testing/tar.ts';
import { LayerBuilder } from '../images/layer-tree.ts';
import { layerTar } from './directory-layer.ts';

function entry(path: string, more: Partial<TarHeader> = {}, text = ''): TarInput {
  const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 12.75, link: '', major: 0, minor: 0, xattrs: new Map() } as const;
  return { header: { ...plain, path, size: utf8(text).length, ...more }, contents: sourceOf(utf8(text)) };
}

/** What a step wrote, as the agent walks it. */
function upper(): readonly TarInput[] {
  return [
    entry('./', { type: 'directory' }),
    entry('./etc/', { type: 'directory', mode: 0o755 }),
    entry('./etc/hostname', {}, 'box\n'),
    entry('./etc/.wh.passwd'),
    entry('./etc-old/', { type: 'directory', mode: 0o755 }),
    entry('./etc-old/same', { type: 'hardlink', link: './etc/hostname' }),
    entry('./var/', { type: 'directory', mode: 0o755 }),
    entry('./var/.wh..wh..opq'),
    entry('./var/new', { xattrs: new Map([['security.capability', new Uint8Array([1, 0, 255])]]) }, 'n'),
    entry('./ä', {}, ''),
  ];
}

const archive = () => tarOf(upper());

test('names are those of a layer, times whole seconds, and whiteouts, links and attributes stay', async () => {
  const read = readArchive(await readAll(layerTar(archive())));
  expect(read.map(({ path, type, mode, mtime }) => [path, type, mode, mtime])).toEqual([
    ['etc/', 'directory', 0o755, 12],
    ['etc/hostname', 'file', 0o644, 12],
    ['etc/.wh.passwd', 'file', 0o644, 12],
    ['etc-old/', 'directory', 0o755, 12],
    ['etc-old/same', 'hardlink', 0o644, 12],
    ['var/', 'directory', 0o755, 12],
    ['var/.wh..wh..opq', 'file', 0o644, 12],
    ['var/new', 'file', 0o644, 12],
    ['ä', 'file', 0o644, 12],
  ]);
  expect(read.flatMap(({ xattrs }) => [...xattrs.keys()])).toEqual(['security.capability']);
  expect(fromUtf8(read[1]?.data ?? new Uint8Array())).toBe('box\n');
});

test('the tar is the same byte for byte whenever it is made', async () => {
  const first = await readAll(layerTar(archive()));
  // The stream in other pieces, the fractions and names of another walk.
  const other = await readAll(
    tarOf(
      upper().map(({ header, ...rest }) => ({ ...rest, header: { ...header, path: header.path.replace('./', '') || './', mtime: 12.5 } })),
    ),
  );
  const pieces = Array.from({ length: Math.ceil(other.length / 100) }, (_, at) => other.subarray(at * 100, (at + 1) * 100));
  expect(await readAll(layerTar(sourceOf(...pieces)))).toEqual(first);
});

test('a tree made of the tar shows what the directory showed', async () => {
  const tar = await readAll(layerTar(archive()));
  const builder = new LayerBuilder((offset, count) => tar.subarray(offset, offset + count));
  builder.push(tar);
  const { root } = builder.finish().tree;
  expect(root.children?.get('etc')?.children?.get('passwd')?.device).toEqual({ major: 0, minor: 0 });
  expect(fromUtf8(root.children?.get('var')?.xattrs?.get('trusted.overlay.opaque') ?? new Uint8Array())).toBe('y');
  expect(root.children?.get('etc-old')?.children?.get('same')).toBe(root.children?.get('etc')?.children?.get('hostname'));
});

test.each([
  ['out of order', [entry('b'), entry('a')]],
  ['with an entry twice', [entry('a'), entry('a')]],
  ['whose whiteout is out of order', [entry('b'), entry('.wh.a')]],
  ['that comes back to a directory', [entry('a/b'), entry('c'), entry('a/d')]],
])('an archive %s is refused', async (_, entries) => {
  await expect(readAll(layerTar(sourceOf(concatBytes([...entries.map(({ header }) => headerBytes(header)), tarEnd]))))).rejects.toThrow();
});
