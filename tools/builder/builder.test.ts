import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DebianPackage } from '../../images/builder/debian-package.ts';
import { formatLock, parseLock } from '../../images/builder/lock.ts';
import { file, symlink, type Entry, type Tree } from '../../images/builder/tree.ts';
import { assemble, librariesOf } from './assemble.ts';
import { neededLibraries } from './elf.ts';
import { shownLinks } from './links.ts';
import type { Recipe } from './recipe.ts';
import { toIndex } from './store.ts';
import { verifyTools } from './verify.ts';

const folder = join(import.meta.dirname, '..');

/** An ELF file for i386 of nothing but a dynamic section (elf(5)). */
function program(...needs: readonly string[]): Buffer {
  const strings = Buffer.from(`\0${needs.map((name) => `${name}\0`).join('')}`, 'latin1');
  const dynamic = Buffer.alloc((needs.length + 1) * 8);
  needs.forEach((name, at) => {
    dynamic.writeInt32LE(1, at * 8);
    dynamic.writeUInt32LE(strings.indexOf(`\0${name}\0`) + 1, at * 8 + 4);
  });
  const [header, sections] = [Buffer.alloc(52), Buffer.alloc(80)];
  header.write('\x7fELF\x01', 'latin1');
  header.writeUInt32LE(52, 32);
  header.writeUInt16LE(2, 48);
  const place = (at: number, type: number, offset: number, size: number): void => {
    sections.writeUInt32LE(type, at * 40 + 4);
    sections.writeUInt32LE(offset, at * 40 + 16);
    sections.writeUInt32LE(size, at * 40 + 20);
    sections.writeUInt32LE(1, at * 40 + 24);
  };
  place(0, 6, 132, dynamic.length);
  place(1, 3, 132 + dynamic.length, strings.length);
  return Buffer.concat([header, sections, dynamic, strings]);
}

function debian(name: string, contents: Readonly<Record<string, Entry>>): DebianPackage {
  const locked = { name, version: '1', architecture: 'i386', size: 1, sha256: '', source: name, sourceVersion: '1' };
  return {
    locked,
    control: '',
    contents: new Map([...Object.entries(contents), [`usr/share/doc/${name}/copyright`, file(Buffer.from('free'))]]),
  };
}

const library = (name: string, ...needs: readonly string[]): DebianPackage =>
  debian(name, {
    [`lib/i386-linux-gnu/${name}.so.1`]: symlink(`${name}.so.1.2`),
    [`lib/i386-linux-gnu/${name}.so.1.2`]: file(Buffer.concat([program(...needs), Buffer.from(name)])),
  });

const recipe: Recipe = {
  packages: new Map([
    ['tool', ['bin/tool', 'etc/tool']],
    ['ca-certificates', ['usr/share/ca-certificates/mozilla']],
  ]),
  libraries: ['libc6', 'liba', 'libb', 'libunused'],
  links: new Map([['usr/bin/alias', 'tool']]),
  shown: new Map([['lib', 'usr/lib']]),
  shownBelow: ['usr/bin', 'etc'],
};

const packages = new Map(
  [
    debian('tool', {
      bin: { kind: 'directory', mode: 0o755, uid: 0, gid: 0 },
      'bin/tool': { ...file(program('liba.so.1'), 0o4755) },
      'etc/tool': { kind: 'directory', mode: 0o755, uid: 0, gid: 0 },
      'etc/tool/conf': file(Buffer.from('x')),
      'usr/share/man/man1/tool.1.gz': file(Buffer.from('not taken')),
    }),
    debian('ca-certificates', {
      'usr/share/ca-certificates/mozilla': { kind: 'directory', mode: 0o755, uid: 0, gid: 0 },
      'usr/share/ca-certificates/mozilla/one.crt': file(Buffer.from('CERT\n')),
    }),
    debian('libc6', { 'lib/i386-linux-gnu/ld-linux.so.2': file(Buffer.from('loader'), 0o755) }),
    library('liba', 'libb.so.1'),
    library('libb'),
    library('libunused'),
  ].map((item) => [item.locked.name, item] as const),
);

describe('what is put together of packages', () => {
  const { tree, idle } = assemble(recipe, packages, '/nonexistent');

  test('is what the recipe names, where a merged usr has it, without setuid bits', () => {
    expect(tree.get('usr/bin/tool')).toMatchObject({ kind: 'file', mode: 0o755 });
    expect(tree.get('etc/tool/conf')).toMatchObject({ kind: 'file' });
    expect([...tree.keys()].filter((path) => path.includes('man'))).toEqual([]);
    expect(tree.get('usr/bin/alias')).toEqual(symlink('tool'));
  });

  test('has each library that is needed once, by the name that programs ask for, and what libraries need', () => {
    expect([...tree.keys()].filter((path) => path.startsWith('usr/lib/i386-linux-gnu/'))).toEqual([
      'usr/lib/i386-linux-gnu/liba.so.1',
      'usr/lib/i386-linux-gnu/libb.so.1',
    ]);
    expect(tree.get('usr/lib/i386-linux-gnu/liba.so.1')?.kind).toBe('file');
  });

  test('says which packages nobody needs', () => {
    expect(idle).toContain('libunused');
    expect(idle).not.toContain('libb');
  });

  test('has the licence of every package', () => {
    for (const name of packages.keys()) expect(tree.has(`usr/share/doc/${name}/copyright`), name).toBe(true);
  });

  test('is refused where a library is missing, or a file that the recipe names', () => {
    expect(() => assemble({ ...recipe, libraries: ['libc6', 'liba'] }, packages, '/nonexistent')).toThrow('needs libb.so.1');
    const wrong = new Map([...recipe.packages, ['tool', ['bin/tol']]]);
    expect(() => assemble({ ...recipe, packages: wrong }, packages, '/nonexistent')).toThrow('tool: has no bin/tol');
  });

  test('is shown by links: everything of some folders, and others as a whole', () => {
    expect(shownLinks(recipe, tree).trim().split('\n')).toEqual([
      'etc/ssl /run/drydock/host/tools/etc/ssl',
      'etc/tool /run/drydock/host/tools/etc/tool',
      'lib /run/drydock/host/tools/usr/lib',
      'usr/bin/alias /run/drydock/host/tools/usr/bin/alias',
      'usr/bin/tool /run/drydock/host/tools/usr/bin/tool',
    ]);
    expect(() => shownLinks({ ...recipe, shown: new Map([['lib', 'gone']]) }, tree)).toThrow('which is not there');
  });
});

test('of an ELF file the needed libraries are read, of anything else none', () => {
  expect(neededLibraries(program('libc.so.6', 'libm.so.6'))).toEqual(['libc.so.6', 'libm.so.6']);
  expect(neededLibraries(Buffer.from('#!/bin/sh\n'))).toEqual([]);
  const other = program('libc.so.6');
  other[4] = 2;
  expect(() => neededLibraries(other)).toThrow('not a program for i386');
});

test('a library is what a chain of links leads to', () => {
  const chain = debian('libz', {
    'usr/lib/i386-linux-gnu/libz.so.1': symlink('libz.so.1.0'),
    'usr/lib/i386-linux-gnu/libz.so.1.0': symlink('libz.so.1.0.1'),
    'usr/lib/i386-linux-gnu/libz.so.1.0.1': file(Buffer.from('z')),
  });
  const found = librariesOf([chain]).get('libz.so.1');
  expect(found?.kind === 'file' && found.data.toString()).toBe('z');
});

test('an index names folders before what is in them, and contents by their digest', () => {
  const tree: Tree = new Map<string, Entry>([
    ['b/c', file(Buffer.from('x'), 0o755)],
    ['b', { kind: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    ['b/d', symlink('c')],
  ]);
  expect(toIndex(tree)).toEqual([
    { path: 'b', mode: 0o755 },
    { path: 'b/c', mode: 0o755, size: 1, blob: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' },
    { path: 'b/d', target: 'c' },
  ]);
});

/** Unpacking all of them takes seconds. */
function onlySmallBlobs(copy: string): void {
  const lock = parseLock(readFileSync(join(copy, 'lock.json'), 'utf8'));
  writeFileSync(join(copy, 'lock.json'), formatLock({ ...lock, blobs: lock.blobs.filter(({ size }) => size < 2000) }));
}

describe('the tools as committed', () => {
  const index = readFileSync(join(folder, 'store/index.json'), 'utf8');
  const paths = [...index.matchAll(/"path":"([^"]*)"/g)].map(([, path = '']) => path);

  test('belong to recipe and lock', () => {
    expect(verifyTools(folder)).toEqual([]);
  });

  test('have a page for each command', () => {
    const commands = paths.flatMap((path) => /^usr\/s?bin\/([^/]+)$/.exec(path)?.[1] ?? []);
    expect(commands.length).toBeGreaterThan(50);
    for (const name of commands) expect(paths, name).toContain(`usr/share/man/${name}`);
  });

  test('are told when a blob is changed, missing or unknown, and a recipe was edited', () => {
    const copy = mkdtempSync(join(tmpdir(), 'drydock-tools-'));
    try {
      for (const name of ['store', 'builder', 'files', 'recipe.json', 'build.ts', 'build.sh', 'lock.json', 'links.txt'])
        cpSync(join(folder, name), join(copy, name), { recursive: true });
      const [, digest = ''] = /"path":"usr\/bin\/man".*?"blob":"([0-9a-f]{64})"/.exec(index) ?? [];
      const blob = join(copy, 'store/blobs', digest);
      const bytes = readFileSync(blob);
      bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
      writeFileSync(blob, bytes);
      writeFileSync(join(copy, 'store/blobs/more'), '');
      writeFileSync(join(copy, 'files/usr/bin/man'), 'echo');
      onlySmallBlobs(copy);
      expect(verifyTools(copy)).toEqual(
        expect.arrayContaining([
          'files/usr/bin/man: changed since the tools were built',
          `${digest}: its content has another digest (usr/bin/man)`,
          'more: a blob the lock does not know',
        ]),
      );
      rmSync(blob);
      expect(verifyTools(copy)).toContain(`${digest}: missing (usr/bin/man)`);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
