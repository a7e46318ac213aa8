/** The committed images as root file systems in memory. */
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readBlob, readEntry, readIndex, type LayoutImage } from '../builder/read-layout.ts';
import { normalisePath, readTar, toEntry, type TarEntry } from '../builder/tar-read.ts';
import { parentOf, type Entry, type Tree } from '../builder/tree.ts';

export const FOLDER = join(import.meta.dirname, '..');
export const LAYOUT = join(FOLDER, 'oci');

export function loadLayout(): Map<string, LayoutImage> {
  return new Map(readIndex(LAYOUT).map((entry) => [entry.reference, readEntry(LAYOUT, entry)]));
}

const layers = new Map<string, { tar: Buffer; entries: TarEntry[] }>();

export function loadLayer(image: LayoutImage, index: number): { tar: Buffer; entries: TarEntry[] } {
  const descriptor = image.manifest.layers[index];
  if (descriptor === undefined) throw new Error(`no layer ${index}`);
  const known = layers.get(descriptor.digest);
  if (known !== undefined) return known;
  const tar = gunzipSync(readBlob(LAYOUT, descriptor));
  const layer = { tar, entries: [...readTar(tar)] };
  layers.set(descriptor.digest, layer);
  return layer;
}

/** All layers applied in order. The images have no whiteouts; layout.test.ts holds them to that. */
export function loadTree(image: LayoutImage): Tree {
  const tree: Tree = new Map();
  for (const index of image.manifest.layers.keys()) {
    for (const entry of loadLayer(image, index).entries) tree.set(normalisePath(entry.name), toEntry(entry));
  }
  return tree;
}

/** Follows every symbolic link as the kernel would inside the image; returns the real path, or undefined where there is nothing. */
export function resolvePath(tree: Tree, path: string, depth = 0): string | undefined {
  if (depth > 40) return undefined;
  let real = '';
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const [index, part] of parts.entries()) {
    if (part === '..') {
      real = parentOf(real);
      continue;
    }
    const next = real === '' ? part : `${real}/${part}`;
    const entry: Entry | undefined = tree.get(next);
    if (entry === undefined) return undefined;
    if (entry.kind === 'symlink') {
      const base = entry.target.startsWith('/') ? '' : real;
      return resolvePath(tree, [base, entry.target, ...parts.slice(index + 1)].join('/'), depth + 1);
    }
    real = next;
  }
  return real;
}
