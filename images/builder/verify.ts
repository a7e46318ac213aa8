/** Checks an `images/` folder against its lock without building anything. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './digest.ts';
import { digestInputs, parseLock, type Lock } from './lock.ts';
import { blobPath, readEntry, readIndex } from './read-layout.ts';
import { loadImages, loadLayers } from './recipe.ts';

/** Bytes all blobs may have together. */
export const BUDGET = 40_000_000;

function* compareInputs(folder: string, lock: Lock): Generator<string> {
  const actual = digestInputs(folder);
  for (const [path, digest] of actual) {
    if (!lock.files.has(path)) yield `${path}: not in the lock`;
    else if (lock.files.get(path) !== digest) yield `${path}: changed since the images were built`;
  }
  for (const path of lock.files.keys()) if (!actual.has(path)) yield `${path}: in the lock but gone`;
}

function* comparePackages(folder: string, lock: Lock): Generator<string> {
  const wanted = new Set(loadLayers(folder).flatMap((layer) => layer.packages));
  const locked = new Set(lock.packages.map((item) => item.name));
  for (const name of wanted) if (!locked.has(name)) yield `package ${name}: no version in the lock`;
  for (const name of locked) if (!wanted.has(name)) yield `package ${name}: in the lock but in no recipe`;
}

function* compareBlobs(layout: string, lock: Lock): Generator<string> {
  for (const blob of lock.blobs) {
    const path = blobPath(layout, blob.digest);
    if (!existsSync(path)) yield `${blob.digest}: missing (${blob.role})`;
    else {
      const data = readFileSync(path);
      if (data.length !== blob.size) yield `${blob.digest}: ${data.length} bytes, the lock says ${blob.size}`;
      if (`sha256:${sha256(data)}` !== blob.digest) yield `${blob.digest}: its content has another digest (${blob.role})`;
    }
  }
  const total = lock.blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (total !== lock.total) yield `the lock's total is ${lock.total}, its blobs have ${total} bytes`;
  if (total > BUDGET) yield `${total} bytes of blobs, the budget is ${BUDGET}`;
}

/** Every digest reachable from the index. */
function reachable(layout: string): Set<string> {
  return new Set(
    readIndex(layout).flatMap((entry) => {
      const { manifest } = readEntry(layout, entry);
      return [entry.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)];
    }),
  );
}

function* compareLayout(layout: string, lock: Lock): Generator<string> {
  const locked = new Set(lock.blobs.map((blob) => blob.digest));
  const stored = readdirSync(join(layout, 'blobs/sha256')).map((hex) => `sha256:${hex}`);
  const used = reachable(layout);
  for (const digest of stored) if (!locked.has(digest)) yield `${digest}: a blob the lock does not know`;
  for (const digest of locked) if (!used.has(digest)) yield `${digest}: nothing in the index leads to it`;
  for (const digest of used) if (!locked.has(digest)) yield `${digest}: the index leads to it, the lock does not know it`;
}

function* compareReferences(folder: string, layout: string): Generator<string> {
  const built = readIndex(layout).map((entry) => entry.reference);
  const wanted = loadImages(folder).map((recipe) => recipe.reference);
  for (const reference of wanted) if (!built.includes(reference)) yield `${reference}: has a recipe but is not in the index`;
  for (const reference of built) if (!wanted.includes(reference)) yield `${reference}: in the index without a recipe`;
}

/** One sentence for each thing that does not hold; empty when all is well. */
export function verifyImages(folder: string): string[] {
  const lock = parseLock(readFileSync(join(folder, 'lock.json'), 'utf8'));
  const layout = join(folder, 'oci');
  const inputs = [...compareInputs(folder, lock), ...comparePackages(folder, lock)];
  const blobs = [...compareBlobs(layout, lock)];
  // A layout with broken blobs cannot be walked, and the breakage is already named.
  const rest = blobs.length > 0 ? [] : [...compareLayout(layout, lock), ...compareReferences(folder, layout)];
  return [...inputs, ...blobs, ...rest];
}
