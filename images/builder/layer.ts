/** One layer recipe and its packages to the tree of everything up to that layer. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DebianPackage } from './debian-package.ts';
import { matcher } from './glob.ts';
import { type Attributes, type LayerRecipe, type Replacement } from './recipe.ts';
import { applySteps } from './step.ts';
import { addParents, file, requireFile, symlink, type Entry, type Tree } from './tree.ts';

/** What no image needs: documentation but the licences, translations, and settings of programs that are not there. */
const NEVER = [
  'usr/share/man',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/lintian',
  'usr/share/bug',
  'usr/share/apport',
  'usr/share/doc-base',
  'usr/share/bash-completion',
  'usr/share/menu',
  'usr/share/gdb',
  'usr/share/gcc',
  'usr/share/pixmaps',
  'usr/share/applications',
  'usr/share/binfmts',
  'usr/share/vim',
  'usr/share/polkit-1',
  'usr/share/initramfs-tools',
  'usr/lib/binfmt.d',
  'usr/lib/systemd',
  'lib/systemd',
  'usr/lib/mime',
  'lib/udev',
  'usr/lib/tmpfiles.d',
  'etc/init.d',
  'etc/cron*',
  'etc/logrotate.d',
  'etc/ufw',
  'etc/update-motd.d',
  'usr/include',
  'usr/share/dict',
  'usr/games',
  'usr/share/logcheck',
  'usr/share/util-linux',
];
const MERGED = /^(bin|sbin|lib)(?=\/|$)/;

function isDocumentation(path: string): boolean {
  return path.startsWith('usr/share/doc/');
}

function isLicence(path: string): boolean {
  return /^usr\/share\/doc\/[^/]+\/copyright$/.test(path);
}

/** A package's document directory may be a link to another's: libgcc-s1's is gcc-12-base's. */
function isLicenceLink(path: string, entry: Entry): boolean {
  return entry.kind === 'symlink' && /^usr\/share\/doc\/[^/]+$/.test(path);
}

function selects(layer: LayerRecipe, name: string): (path: string, entry: Entry) => boolean {
  const never = matcher([...NEVER, ...layer.drop]);
  const only = layer.only.get(name);
  const wanted = only === undefined ? () => true : matcher(only);
  return (path, entry) => {
    if (isLicence(path) || isLicenceLink(path, entry)) return true;
    return !isDocumentation(path) && !never(path) && wanted(path);
  };
}

function place(layer: LayerRecipe, path: string): string {
  const merged = layer.usrMerge ? path.replace(MERGED, 'usr/$1') : path;
  for (const [from, to] of layer.move) {
    if (merged === from || merged.startsWith(`${from}/`)) return to + merged.slice(from.length);
  }
  return merged;
}

function unpack(tree: Tree, layer: LayerRecipe, debian: DebianPackage): void {
  const selected = selects(layer, debian.locked.name);
  for (const [path, entry] of debian.contents) {
    if (!selected(path, entry)) continue;
    const target = place(layer, path);
    if (entry.kind === 'directory' && tree.has(target)) continue;
    tree.set(target, entry.kind === 'hardlink' ? { ...entry, target: place(layer, entry.target) } : entry);
  }
  tree.set(`var/lib/dpkg/status.d/${debian.locked.name}`, file(Buffer.from(debian.control)));
}

/** Directories that only held what was dropped say nothing to anybody. */
function dropEmptyPackageDirectories(tree: Tree, parent: Tree, kept: ReadonlySet<string>): void {
  for (const path of [...tree.keys()].sort().reverse()) {
    if (tree.get(path)?.kind !== 'directory' || parent.has(path) || kept.has(path)) continue;
    const prefix = `${path}/`;
    if (![...tree.keys()].some((other) => other.startsWith(prefix))) tree.delete(path);
  }
}

function withAttributes(entry: Entry, attributes: Attributes): Entry {
  return { ...entry, mode: attributes.mode ?? entry.mode, uid: attributes.uid, gid: attributes.gid };
}

function replaceText(tree: Tree, change: Replacement): void {
  const entry = tree.get(change.path);
  if (entry?.kind !== 'file') throw new Error(`${change.path}: no such file to change`);
  // latin1 maps bytes to characters one to one, so programs can be changed as well as texts.
  const parts = entry.data.toString('latin1').split(change.find);
  if (parts.length - 1 !== change.count)
    throw new Error(`${change.path}: "${change.find}" occurs ${parts.length - 1} times, not ${change.count}`);
  const isProgram = entry.data.subarray(1, 4).toString('latin1') === 'ELF';
  if (isProgram && change.find.length !== change.replacement.length) throw new Error(`${change.path}: lengths differ in a program`);
  tree.set(change.path, { ...entry, data: Buffer.from(parts.join(change.replacement), 'latin1') });
}

function addOwnFiles(tree: Tree, folder: string, below = ''): void {
  const path = join(folder, below);
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) addOwnFiles(tree, folder, inside);
    else tree.set(inside, file(readFileSync(join(folder, inside))));
  }
}

function appendText(tree: Tree, path: string, text: string): void {
  const entry = tree.get(path);
  if (entry?.kind !== 'file') throw new Error(`${path}: no such file to append to`);
  tree.set(path, { ...entry, data: Buffer.concat([entry.data, Buffer.from(text)]) });
}

export interface LayerSource {
  readonly layer: LayerRecipe;
  /** The layer's own folder, with its `files/`. */
  readonly folder: string;
  readonly packages: readonly DebianPackage[];
  readonly parent: Tree;
}

export function buildLayer({ layer, folder, packages, parent }: LayerSource): Tree {
  const tree: Tree = new Map(parent);
  for (const debian of packages) unpack(tree, layer, debian);
  for (const [path, attributes] of layer.directories)
    tree.set(path, withAttributes({ kind: 'directory', mode: 0o755, uid: 0, gid: 0 }, attributes));
  addOwnFiles(tree, join(folder, 'files'));
  for (const [to, from] of layer.copy) tree.set(to, file(requireFile(tree, from)));
  for (const change of layer.replace) replaceText(tree, change);
  for (const [path, text] of layer.append) appendText(tree, path, text);
  for (const [path, target] of layer.links) tree.set(path, symlink(target));
  applySteps(tree, layer, folder);
  const discarded = matcher(layer.discard);
  for (const path of [...tree.keys()]) if (discarded(path)) tree.delete(path);
  for (const [path, attributes] of layer.attributes) {
    const entry = tree.get(path);
    if (entry === undefined) throw new Error(`${path}: no such path to give attributes to`);
    tree.set(path, withAttributes(entry, attributes));
  }
  addParents(tree);
  dropEmptyPackageDirectories(tree, parent, new Set(layer.directories.keys()));
  return tree;
}
