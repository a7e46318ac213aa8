import { expect, test } from 'vitest';
import { fromUtf8 } from '../../base/bytes.ts';
import type { TreeNode } from '../../base/file-tree.ts';
import { expectNearLinear, growingTexts } from '../../base/testing/growth.ts';
import type { Steps } from '../../base/steps.ts';
import { LayerBuilder, type Layer } from './layer-tree.ts';
import { writeTar, type TarInput } from './testing/tar-writer.ts';

function buildLayer(tar: Uint8Array, steps?: Steps): Layer {
  const builder = new LayerBuilder((offset, count) => tar.subarray(offset, offset + count), steps);
  builder.push(tar);
  return builder.finish();
}

async function layer(...entries: TarInput[]): Promise<Layer> {
  return buildLayer(writeTar(entries));
}

function at(root: TreeNode, path: string): TreeNode {
  let node = root;
  for (const name of path.split('/')) {
    const next = node.children?.get(name);
    if (next === undefined) throw new Error(`${path} is not there`);
    node = next;
  }
  return node;
}

test('files, directories, links and devices keep what the archive says of them', async () => {
  const { tree, size } = await layer(
    { path: './', type: '5', mode: 0o700 },
    { path: './bin/', type: '5', mode: 0o755 },
    { path: './bin/su', mode: 0o4755, uid: 0, gid: 5, mtime: 1234, data: 'elf' },
    { path: './bin/sh', type: '2', link: 'su' },
    { path: './dev/null', type: '3', major: 1, minor: 3, mode: 0o666 },
    { path: './dev/sda', type: '4', major: 8, minor: 0 },
    { path: './run/p', type: '6' },
  );
  // Three bytes of a file, and a link that says as much as two more.
  expect(size).toBe(5);
  expect(tree.root.mode).toBe(0o40700);
  expect(at(tree.root, 'bin/su')).toMatchObject({ mode: 0o104755, gid: 5, mtime: 1234, size: 3 });
  expect(at(tree.root, 'bin/sh')).toMatchObject({ mode: 0o120644, target: 'su', size: 2 });
  expect(at(tree.root, 'dev/null')).toMatchObject({ mode: 0o020666, device: { major: 1, minor: 3 } });
  expect(at(tree.root, 'dev/sda').mode).toBe(0o060644);
  expect(at(tree.root, 'run/p').mode).toBe(0o010644);
  expect(at(tree.root, 'dev').mode).toBe(0o40755);
});

test('a file is read in pieces and ends where it ends', async () => {
  const file = at((await layer({ path: 'f', data: 'hello world' })).tree.root, 'f');
  expect(fromUtf8((await file.read?.(6, 3)) ?? new Uint8Array())).toBe('wor');
  expect(fromUtf8((await file.read?.(6, 100)) ?? new Uint8Array())).toBe('world');
  expect(await file.read?.(11, 10)).toHaveLength(0);
});

test('hard links are one node under two names', async () => {
  const { root } = (await layer({ path: 'a', data: 'x' }, { path: 'd/b', type: '1', link: './a' })).tree;
  expect(at(root, 'd/b')).toBe(at(root, 'a'));
  expect(at(root, 'a').nlink).toBe(2);
});

test('a whiteout becomes a character device 0:0 and an opaque marker the xattr of its directory', async () => {
  const { root } = (
    await layer({ path: 'etc/.wh.passwd' }, { path: 'var/.wh..wh..opq' }, { path: 'var/new', data: '1' }, { path: '.wh..wh.plnk/1' })
  ).tree;
  expect(at(root, 'etc/passwd')).toMatchObject({ mode: 0o020000, device: { major: 0, minor: 0 } });
  expect(fromUtf8(at(root, 'var').xattrs?.get('trusted.overlay.opaque') ?? new Uint8Array())).toBe('y');
  expect([...(root.children ?? new Map<string, unknown>()).keys()].filter((name) => name.startsWith('.wh.'))).toEqual(['.wh..wh.plnk']);
});

test('what a layer has under a name wins over its own whiteout of that name, before or after', async () => {
  const { root } = (await layer({ path: 'a', data: '1' }, { path: '.wh.a' }, { path: '.wh.b' }, { path: 'b', data: '2' })).tree;
  expect(at(root, 'a').mode).toBe(0o100644);
  expect(at(root, 'b').mode).toBe(0o100644);
});

test('extended attributes arrive as the bytes they were', async () => {
  const capability = new Uint8Array([1, 0, 0, 2, 0xff, 0x0a, 0x3d, 0]);
  const { root } = (await layer({ path: 'ping', data: 'x', pax: { 'SCHILY.xattr.security.capability': capability, mtime: '12.75' } })).tree;
  expect(at(root, 'ping').xattrs?.get('security.capability')).toEqual(capability);
  expect(at(root, 'ping').mtime).toBe(12);
});

test('a later entry replaces an earlier one, but a directory keeps its children', async () => {
  const { root } = (
    await layer({ path: 'd/', type: '5' }, { path: 'd/f', data: '1' }, { path: 'd/', type: '5', mode: 0o711 }, { path: 'd/f', data: '22' })
  ).tree;
  expect(at(root, 'd').mode).toBe(0o40711);
  expect(at(root, 'd/f').size).toBe(2);
});

test('a path that leaves the layer is refused, and so is a hard link to nothing', async () => {
  await expect(layer({ path: '../etc/passwd' })).rejects.toThrow('invalid entry name');
  await expect(layer({ path: 'a/../../b' })).rejects.toThrow('invalid entry name');
  await expect(layer({ path: 'a', type: '1', link: 'nothing' })).rejects.toThrow('hard link a');
});

test('inode numbers are unique, below the count, and the same when built again', async () => {
  const entries: TarInput[] = [
    { path: 'a/b/c', data: '1' },
    { path: 'a/d', data: '2' },
    { path: 'e', type: '1', link: 'a/d' },
  ];
  const numbers = (node: TreeNode): number[] => [node.ino, ...[...(node.children?.values() ?? [])].flatMap(numbers)];
  const one = (await layer(...entries)).tree;
  const all = numbers(one.root);
  expect(new Set(all).size).toBe(all.length - 1);
  expect(Math.max(...all)).toBeLessThan(one.inodes);
  expect(numbers((await layer(...entries)).tree.root)).toEqual(all);
});

const pax = (key: string, value: string): TarInput => ({ path: 'x', pax: { [key]: value } });

test('names and links that Linux would not take are refused, by their beginning', async () => {
  await expect(layer(pax('path', 'x'.repeat(256)))).rejects.toThrow('invalid entry name');
  await expect(layer(pax('path', 'é'.repeat(128)))).rejects.toThrow('invalid entry name');
  await expect(layer(pax('path', Array.from({ length: 2100 }, () => 'd').join('/')))).rejects.toThrow(/^invalid entry name ".{256}"$/);
  await expect(layer({ path: 'l', type: '2', pax: { linkpath: 'x'.repeat(4096) } })).rejects.toThrow('invalid link in layer: l');
});

test('an extended header larger than Go takes, and one that would go with every entry, are refused', async () => {
  await expect(layer(pax('comment', 'x'.repeat(1024 * 1024)))).rejects.toThrow('header field too long');
  const many = Array.from({ length: 65 }, (_, at) => `${at + 100}`).map((name) => `26 SCHILY.xattr.user.${name}=x\n`.replace('26', '27'));
  const records = many.map((record) => `${record.length} ${record.slice(record.indexOf(' ') + 1)}`).join('');
  await expect(layer({ path: 'x', type: 'g', data: records }, { path: 'a', data: '' })).rejects.toThrow('too many global attributes');
  const { root } = (
    await layer({ path: 'x', type: 'g', data: many[0]?.replace(/^\d+/, `${many[0].length}`) ?? '' }, { path: 'a' }, { path: 'b' })
  ).tree;
  expect(at(root, 'a').xattrs?.get('user.100')).toEqual(at(root, 'b').xattrs?.get('user.100'));
});

test('the steps for an archive are in proportion to its length', async () => {
  const blocks = ['0', '5', '1', 'g', 'x', 'L'].map((type) =>
    fromLatin1(writeTar([{ path: 'a', type, data: type === 'L' ? 'long' : '' }]).subarray(0, 1024)),
  );
  const zeros = '\0'.repeat(512);
  await expectNearLinear(growingTexts([...blocks, zeros, 'garbage'.repeat(80)]), async (text, steps) => {
    steps.take();
    buildLayer(
      Uint8Array.from(text, (char) => char.charCodeAt(0)),
      steps,
    );
  });
});

function fromLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
