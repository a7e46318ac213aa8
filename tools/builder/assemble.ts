/** Packages and own files to one tree, as the guest will see it: `usr` merged, each library once under its soname, and only those that are needed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianPackage } from '../../images/builder/debian-package.ts';
import { matcher } from '../../images/builder/glob.ts';
import { addParents, file, symlink, type Entry, type Tree } from '../../images/builder/tree.ts';
import { neededLibraries } from './elf.ts';
import type { Recipe } from './recipe.ts';

const librariesFolder = 'usr/lib/i386-linux-gnu';
const loader = 'usr/lib/ld-linux.so.2';

/** Debian 12's own place of a path: `/bin` is `/usr/bin`. */
function place(path: string): string {
  return path.replace(/^(?:bin|sbin|lib)(?=\/|$)/, 'usr/$&');
}

function isLicence(path: string): boolean {
  return /^usr\/share\/doc\/[^/]+(?:\/copyright)?$/.test(path);
}

/** Nobody becomes another user through these: the guest's root is the only one who needs what such bits give. */
function withoutSetuid(entry: Entry): Entry {
  return entry.kind === 'file' ? { ...entry, mode: entry.mode & 0o777, uid: 0, gid: 0 } : { ...entry, uid: 0, gid: 0 };
}

function take(tree: Tree, debian: DebianPackage, paths: readonly string[]): void {
  const wanted = matcher(paths);
  for (const path of paths) if (!path.includes('*') && !debian.contents.has(path)) throw new Error(`${debian.locked.name}: has no ${path}`);
  for (const [path, entry] of debian.contents) {
    if (entry.kind === 'directory' || !(wanted(path) || isLicence(path))) continue;
    if (entry.kind === 'hardlink') throw new Error(`${path}: a hard link`);
    tree.set(place(path), withoutSetuid(entry));
  }
}

/** Every shared library by the name that programs ask for, with the contents that a chain of links leads to. */
export function librariesOf(packages: readonly DebianPackage[]): Map<string, Entry> {
  const all = new Map(packages.flatMap((debian) => [...debian.contents].map(([path, entry]) => [place(path), entry] as const)));
  const found = new Map<string, Entry>();
  for (const [path, first] of all) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!/\.so(?:\.\d+)*$/.test(name) || path !== `${librariesFolder}/${name}`) continue;
    let entry: Entry | undefined = first;
    while (entry?.kind === 'symlink')
      entry = all.get(entry.target.startsWith('/') ? place(entry.target.slice(1)) : `${librariesFolder}/${entry.target}`);
    if (entry?.kind === 'file') found.set(name, { ...entry, mode: 0o644 });
  }
  return found;
}

/** Adds the libraries that what is in the tree needs, and what these need. */
function addLibraries(tree: Tree, libraries: ReadonlyMap<string, Entry>): void {
  const visited = new Set<Entry>();
  for (;;) {
    const entries = [...tree].filter(([, entry]) => !visited.has(entry));
    if (entries.length === 0) return;
    for (const [path, entry] of entries) {
      visited.add(entry);
      if (entry.kind !== 'file') continue;
      for (const name of neededLibraries(entry.data)) {
        if (name === 'ld-linux.so.2') continue;
        const library = libraries.get(name);
        if (library === undefined) throw new Error(`${path}: needs ${name}, which no package of the recipe has`);
        tree.set(`${librariesFolder}/${name}`, library);
      }
    }
  }
}

function addOwnFiles(tree: Tree, folder: string, below = ''): void {
  if (!existsSync(join(folder, below))) return;
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) addOwnFiles(tree, folder, path);
    else tree.set(path, file(readFileSync(join(folder, path)), /^usr\/s?bin\//.test(path) ? 0o755 : 0o644));
  }
}

function concatenateCertificates(tree: Tree): void {
  const from = 'usr/share/ca-certificates/mozilla/';
  const paths = [...tree.keys()].filter((path) => path.startsWith(from)).sort();
  const parts = paths.flatMap((path) => {
    const entry = tree.get(path);
    tree.delete(path);
    return entry?.kind === 'file' ? [entry.data] : [];
  });
  if (parts.length === 0) throw new Error('no certificates');
  tree.set('etc/ssl/certs/ca-certificates.crt', file(Buffer.concat(parts)));
}

export interface Assembled {
  readonly tree: Tree;
  /** Packages of which nothing was needed, which the recipe must not name. */
  readonly idle: readonly string[];
}

/** @param files the folder of own files, laid out as in the guest */
export function assemble(recipe: Recipe, packages: ReadonlyMap<string, DebianPackage>, files: string): Assembled {
  const tree: Tree = new Map();
  const require = (name: string): DebianPackage => {
    const debian = packages.get(name);
    if (debian === undefined) throw new Error(`${name}: not fetched`);
    return debian;
  };
  for (const [name, paths] of recipe.packages) take(tree, require(name), paths);
  addOwnFiles(tree, files);
  const sources = recipe.libraries.map(require);
  addLibraries(tree, librariesOf(sources));
  const ld = require('libc6').contents.get('lib/i386-linux-gnu/ld-linux.so.2');
  if (ld?.kind !== 'file') throw new Error('libc6: has no loader');
  tree.set(loader, { ...ld, mode: 0o755 });
  const used = new Set(tree.values());
  const idle = sources.filter((debian) => !usesAny(debian, used)).map(({ locked }) => locked.name);
  for (const debian of sources) take(tree, debian, []);
  concatenateCertificates(tree);
  for (const [path, target] of recipe.links) tree.set(path, symlink(target));
  addParents(tree);
  return { tree, idle };
}

function usesAny(debian: DebianPackage, used: ReadonlySet<Entry>): boolean {
  const contents = new Set([...used].flatMap((entry) => (entry.kind === 'file' ? [entry.data] : [])));
  return [...debian.contents.values()].some((entry) => entry.kind === 'file' && contents.has(entry.data));
}
