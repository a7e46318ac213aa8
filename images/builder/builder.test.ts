import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { matcher } from './glob.ts';
import { parseImage, parseLayer } from './recipe.ts';
import { normalisePath, readTar, toEntry } from './tar-read.ts';
import { writeTar } from './tar-write.ts';
import { difference, file, symlink, type Tree } from './tree.ts';

const directory = { kind: 'directory', mode: 0o755, uid: 0, gid: 0 } as const;

function sample(): Tree {
  const deep = `usr/${'long-directory-name/'.repeat(6)}file`;
  return new Map([
    ['bin', directory],
    ['bin/zz', file(Buffer.from('program'), 0o4755)],
    ['bin/aa', { kind: 'hardlink', mode: 0o4755, uid: 0, gid: 0, target: 'bin/zz' }],
    ['bin/ln', symlink('../elsewhere')],
    [deep, file(Buffer.alloc(512, 1))],
    ['home', { kind: 'directory', mode: 0o1777, uid: 65534, gid: 100 }],
  ]);
}

function readBack(tar: Buffer): Tree {
  return new Map([...readTar(tar)].map((entry) => [normalisePath(entry.name), toEntry(entry)]));
}

it('reads back exactly the entries it wrote', () => {
  expect(new Map([...readBack(writeTar(sample(), 1))].sort())).toEqual(new Map([...sample()].sort()));
});

it('writes the same bytes whatever the order of the entries was', () => {
  const reversed = new Map([...sample()].reverse());
  expect(writeTar(reversed, 1).equals(writeTar(sample(), 1))).toBe(true);
});

it('puts a hard link after the file it names', () => {
  expect([...readBack(writeTar(sample(), 1)).keys()].at(-1)).toBe('bin/aa');
});

it('writes archives that tar itself reads', () => {
  const listing = spawnSync('tar', ['-tvf', '-', '--numeric-owner'], {
    input: writeTar(sample(), 0),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  expect(listing.stderr).toBe('');
  expect(listing.stdout).toMatch(/^drwxrwxrwt 65534\/100 +0 1970-01-01 00:00 home\/$/m);
  expect(listing.stdout).toMatch(/^-rwsr-xr-x 0\/0 +7 1970-01-01 00:00 bin\/zz$/m);
});

it('refuses a path that ustar cannot hold', () => {
  expect(() => writeTar(new Map([['x'.repeat(300), directory]]), 0)).toThrow('too long');
});

it('restates the directories above a change and nothing else', () => {
  const parent: Tree = new Map([
    ['etc', { ...directory, mode: 0o700 }],
    ['etc/a', file(Buffer.from('1'))],
    ['usr', directory],
  ]);
  const child: Tree = new Map([...parent, ['etc/a', file(Buffer.from('2'))]]);
  expect([...difference(parent, child).keys()].sort()).toEqual(['etc', 'etc/a']);
  expect(difference(parent, child).get('etc')?.mode).toBe(0o700);
});

it('refuses a layer that removes what its parent has', () => {
  expect(() => difference(new Map([['etc', directory]]), new Map())).toThrow('etc: a layer cannot remove');
});

it('matches one component with a star, any number with two, and all below a match', () => {
  const matches = matcher(['usr/share/*/man', 'lib/**/test', 'etc']);
  expect(['usr/share/x/man', 'usr/share/x/man/1', 'lib/a/b/test/c', 'etc', 'etc/x'].filter(matches)).toHaveLength(5);
  expect(['usr/share/x/y/man', 'lib/a/tests', 'etcetera'].filter(matches)).toEqual([]);
});

it('names the place of a mistake in a recipe', () => {
  expect(() => parseLayer('x', '{"comment":"c","packges":[]}')).toThrow('layers/x: unknown key packges');
  expect(() => parseLayer('x', '{"comment":"c","directories":{"tmp":"rwx"}}')).toThrow(
    'layers/x.directories.tmp: expected "MODE [UID:GID]"',
  );
  expect(() => parseLayer('x', '{"comment":"c","steps":[{"kind":"magic"}]}')).toThrow('layers/x.steps[0]: unknown step magic');
  expect(() => parseImage('x', '{"layer":"y"}')).toThrow('recipes/x.reference: expected a string');
});
