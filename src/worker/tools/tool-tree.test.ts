import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { modeType, type TreeNode } from '../../base/file-tree.ts';
import { parseToolIndex, toolTree } from './tool-tree.ts';

const digest = 'a'.repeat(64);
const index = {
  version: 1,
  mtime: 1_795_910_400,
  files: [
    { path: 'usr', mode: 0o755 },
    { path: 'usr/bin', mode: 0o755 },
    { path: 'usr/bin/tool', mode: 0o755, size: 5, blob: digest },
    { path: 'usr/bin/other', target: 'tool' },
    { path: 'usr/share', mode: 0o755 },
  ],
} as const;

function find(root: TreeNode, path: string): TreeNode | undefined {
  return path.split('/').reduce<TreeNode | undefined>((node, name) => node?.children?.get(name), root);
}

describe('a tree of tools', () => {
  test('has modes, sizes, targets and times of the index, reads contents by their digest, and holds what is made beside', async () => {
    const asked: string[] = [];
    const { root, inodes } = toolTree(index, [{ path: 'usr/share/page', contents: utf8('made here') }], (blob) => {
      asked.push(`${blob.path} ${blob.digest} ${blob.size}`);
      return Promise.resolve(utf8('hello'));
    });
    expect(find(root, 'usr/bin/tool')).toMatchObject({ mode: modeType.file | 0o755, size: 5, uid: 0, mtime: index.mtime });
    expect(find(root, 'usr/bin/other')).toMatchObject({ mode: modeType.symlink | 0o777, target: 'tool' });
    expect(asked).toEqual([]);
    expect(fromUtf8((await find(root, 'usr/bin/tool')?.read?.(1, 3)) ?? utf8(''))).toBe('ell');
    expect(asked).toEqual([`usr/bin/tool ${digest} 5`]);
    expect(fromUtf8((await find(root, 'usr/share/page')?.read?.(5, 99)) ?? utf8(''))).toBe('here');
    expect(inodes).toBe(7);
  });

  test('gives an inode number to each file once', () => {
    const numbers = new Set<number>();
    let count = 0;
    const visit = (node: TreeNode): void => {
      numbers.add(node.ino);
      count++;
      for (const child of node.children?.values() ?? []) visit(child);
    };
    visit(toolTree(index, [], () => Promise.reject(new Error('not asked'))).root);
    expect(numbers.size).toBe(count);
  });

  test('is not made of an index in which a file stands before its folder', () => {
    const { files } = index;
    expect(() => toolTree({ ...index, files: [...files].reverse() }, [], () => Promise.reject(new Error('not asked')))).toThrow(
      'stands before its directory',
    );
  });
});

describe('an index', () => {
  const refused = (text: string): void =>
    expect(() => parseToolIndex(text)).toThrow('tools/index.json is not a list of tools that this version knows');

  test('is read as it is written', () => {
    expect(parseToolIndex(JSON.stringify(index))).toEqual(index);
  });

  test.each([
    ['no JSON', '{'],
    ['of another version', JSON.stringify({ ...index, version: 2 })],
    ['with a path that leads out', JSON.stringify({ ...index, files: [{ path: '/etc', mode: 0o755 }] })],
    ['with an empty part in a path', JSON.stringify({ ...index, files: [{ path: 'a//b', mode: 0o755 }] })],
    ['with a digest that is none', JSON.stringify({ ...index, files: [{ path: 'a', size: 1, blob: '../../x' }] })],
    ['with a file of no size', JSON.stringify({ ...index, files: [{ path: 'a', blob: digest }] })],
    ['with a mode beyond permissions', JSON.stringify({ ...index, files: [{ path: 'a', mode: 0o40755 }] })],
  ])('%s is refused', (_, text) => refused(text));
});
