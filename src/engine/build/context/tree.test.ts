import { inByteOrder } from '../../../base/byte-order.ts';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { Steps } from '../../../base/steps.ts';
import { sourceOf } from '../../../base/streams.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import { tarOf } from '../../../base/tar/write.ts';
import { portableSha256 } from '../../content/sha256.ts';
import type { ContextEntry } from './entry.ts';
import { contextOfListing, type ContentMemo, type ListedEntry } from './from-listing.ts';
import { contextOfTar } from './from-tar.ts';
import { lookUp } from './look-up.ts';
import { pathPatterns } from '../../../grammar/dockerignore/path-patterns.ts';
import { TreeBuilder } from './tree-builder.ts';

type Part = Partial<TarHeader> & { readonly path: string };

function archiveOf(parts: readonly Part[]): ReturnType<typeof tarOf> {
  return tarOf(
    parts.map((part) => {
      const header = { mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map(), ...part } as const;
      const type = part.type ?? 'file';
      const contents = type === 'file' ? utf8(part.path) : new Uint8Array(0);
      return { header: { ...header, type, size: contents.length }, contents: sourceOf(contents) };
    }),
  );
}

function contextOf(...parts: readonly Part[]): Promise<ContextEntry> {
  return contextOfTar(archiveOf(parts), portableSha256);
}

function at(root: ContextEntry, path: string): ContextEntry | null {
  return lookUp(root, path, { followsLast: false }).entry;
}

function namesIn(root: ContextEntry, prefix = ''): string[] {
  return [...root.children].flatMap(([name, entry]) => [`${prefix}${name}`, ...namesIn(entry, `${prefix}${name}/`)]);
}

/** As buildx and Docker 28.5 did with the same archives on standard input; not asked were links that climb out as parents, too many links, and hard links to folders. */
describe('an archive as a context', () => {
  test('absolute names stand for the root, dots are cleaned, folders in between are made', async () => {
    const root = await contextOf({ path: '/abs' }, { path: 'a/../b' }, { path: 'd/c', uid: 7, gid: 8, mode: 0o604 });
    expect(namesIn(root)).toEqual(['abs', 'b', 'd', 'd/c']);
    expect(at(root, 'd/c')).toMatchObject({ uid: 7, gid: 8, mode: 0o604 });
    expect(at(root, 'd')).toMatchObject({ uid: 0, gid: 0, mode: 0o755 });
  });

  test.each(['/d', 'd', '../../d', './d/.'])('a link %s is followed inside of the tree by what stands behind it', async (link) => {
    const root = await contextOf({ path: 'd/c' }, { path: 'out', type: 'symlink', link }, { path: 'out/through' });
    expect(namesIn(root)).toEqual(['d', 'd/c', 'd/through', 'out']);
  });

  test('a name that leads out is refused', async () => {
    await expect(contextOf({ path: '../up' })).rejects.toThrow('invalid entry name "../up"');
    await expect(contextOf({ path: 'hard', type: 'hardlink', link: '../up' })).rejects.toThrow('invalid hardlink target "../up"');
  });

  test('a hard link is the entry that it names', async () => {
    const root = await contextOf({ path: './a' }, { path: './hard', type: 'hardlink', link: '/a' });
    expect(at(root, 'hard')).toBe(at(root, 'a'));
    await expect(contextOf({ path: 'hard', type: 'hardlink', link: 'nowhere' })).rejects.toThrow(
      'linkat nowhere hard: no such file or directory',
    );
  });

  test('a later entry takes the place of an earlier one, but a file is no folder', async () => {
    expect(namesIn(await contextOf({ path: 'd/x' }, { path: 'd' }))).toEqual(['d']);
    await expect(contextOf({ path: 'd' }, { path: 'd/x' })).rejects.toThrow('openat d/x: not a directory');
  });

  test('links that lead around are refused', async () => {
    const loop = contextOf({ path: 'a', type: 'symlink', link: 'b' }, { path: 'b', type: 'symlink', link: 'a' }, { path: 'a/x' });
    await expect(loop).rejects.toThrow('too many links');
  });

  test('entries behind long links end with what they may cost', () => {
    const builder = new TreeBuilder(new Steps(1_000_000, 'what the links of the context lead through'));
    const plain = { mode: 0o755, uid: 0, gid: 0, size: 0, target: '', major: 0, minor: 0, xattrs: new Map() };
    builder.add('a', { ...plain, type: 'directory' });
    for (let index = 0; index < 250; index += 1)
      builder.add(`l${index}`, { ...plain, type: 'symlink', target: `${'./a/../'.repeat(500)}l${index + 1}` });
    const fill = (): void => {
      for (let index = 0; index < 500; index += 1) builder.add(`l0/${index}`, { ...plain, type: 'file' });
    };
    expect(fill).toThrow('what the links of the context lead through is too large');
  });
});

describe('the checksum of a tree', () => {
  const base: Part = { path: 'd/f', mode: 0o644 };

  test('is the same whatever the times and the order', async () => {
    const one = await contextOf({ path: 'a' }, { ...base, mtime: 1 });
    const other = await contextOf({ ...base, mtime: 2 }, { path: 'a' });
    expect(one.treeDigest).toBe(other.treeDigest);
  });

  test.each<[string, Partial<TarHeader>]>([
    ['mode', { mode: 0o755 }],
    ['owner', { uid: 1 }],
    ['group', { gid: 1 }],
    ['attribute', { xattrs: new Map([['user.a', utf8('b')]]) }],
    ['name', { path: 'd/g' }],
    ['type', { type: 'fifo' }],
    ['target of a link', { type: 'symlink', link: 'x' }],
  ])('is another with another %s, up to the root, but not beside it', async (_, change) => {
    const [one, other] = [await contextOf({ path: 'a/x' }, base), await contextOf({ path: 'a/x' }, { ...base, ...change })];
    expect(other.treeDigest).not.toBe(one.treeDigest);
    expect(at(other, 'd')?.treeDigest).not.toBe(at(one, 'd')?.treeDigest);
    expect(at(other, 'a')?.treeDigest).toBe(at(one, 'a')?.treeDigest);
    expect(at(other, 'd')?.digest).toBe(at(one, 'd')?.digest);
  });

  test('tells an empty folder from none, and names apart that would run into each other', async () => {
    const folder = (path: string): Part => ({ path, type: 'directory', mode: 0o755 });
    const digests = await Promise.all([
      contextOf(folder('a')),
      contextOf(folder('a'), folder('a/b')),
      contextOf(folder('a'), folder('b')),
      contextOf(folder('ab')),
    ]);
    expect(new Set(digests.map(({ treeDigest }) => treeDigest)).size).toBe(4);
  });

  test('names are in the order of their bytes', () => {
    const names = ['\u{10000}', '\uffee', 'ab', 'a', 'é', ''];
    const bytes = names.toSorted(inByteOrder).map((name) => toHex(utf8(name)));
    expect(bytes).toEqual(bytes.toSorted());
  });
});

describe('a folder as a context', () => {
  function listed(path: string, change: Partial<ListedEntry> = {}): ListedEntry {
    const stat = { mode: 0o644, uid: 1000, gid: 1000, size: 1, target: '', major: 0, minor: 0, xattrs: new Map() };
    return { path, type: path.includes('.') ? 'file' : 'directory', ...stat, mtime: '1', ctime: '1', inode: path, ...change };
  }

  const none: ContentMemo = new Map();
  const contentOf = (path: string): Promise<string> => Promise.resolve(`sum of ${path}`);

  test('owners are root, and what is left out is not read', async () => {
    const ignored = await pathPatterns(['a', '!a/b/c.txt', 'big']);
    const walk = ['a', 'a/b', 'a/b/c.txt', 'a/x.txt', 'app.py', 'big', 'big/y.bin'].map((path) => listed(path));
    const { root, read } = await contextOfListing(walk, { ignored, memo: none, contentOf });
    expect(namesIn(root)).toEqual(['a', 'a/b', 'a/b/c.txt', 'app.py']);
    expect(read).toEqual(['a/b/c.txt', 'app.py']);
    expect(at(root, 'a')).toMatchObject({ uid: 0, gid: 0, mode: 0o644 });
  });

  test('what has not changed is not read again, and its checksum is the one it was', async () => {
    const first = await contextOfListing([listed('a.txt'), listed('b.txt')], { ignored: null, memo: none, contentOf });
    const again = await contextOfListing([listed('a.txt'), listed('b.txt')], { ignored: null, memo: first.memo, contentOf });
    expect(again.read).toEqual([]);
    expect(again.root.treeDigest).toBe(first.root.treeDigest);
  });

  test.each<Partial<ListedEntry>>([{ size: 2 }, { mtime: '2' }, { ctime: '2' }, { inode: 'other' }])(
    'a file with another identity is read again: %j',
    async (change) => {
      const { memo } = await contextOfListing([listed('a.txt'), listed('b.txt')], { ignored: null, memo: none, contentOf });
      const { read } = await contextOfListing([listed('a.txt', change), listed('b.txt')], { ignored: null, memo, contentOf });
      expect(read).toEqual(['a.txt']);
    },
  );

  test('a file that is gone is forgotten', async () => {
    const { memo } = await contextOfListing([listed('a.txt'), listed('b.txt')], { ignored: null, memo: none, contentOf });
    const next = await contextOfListing([listed('b.txt')], { ignored: null, memo, contentOf });
    expect([...next.memo.keys()]).toEqual(['b.txt']);
  });
});
