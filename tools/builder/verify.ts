/** Checks a `tools/` folder against its lock without building anything. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { sha256 } from '../../images/builder/digest.ts';
import { parseLock, type Lock } from '../../images/builder/lock.ts';
import { loadRecipe } from './recipe.ts';

/** Bytes all blobs may have together. */
export const BUDGET = 18_000_000;

function listFiles(folder: string, below: string): string[] {
  if (!existsSync(join(folder, below))) return [];
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(folder, `${below}/${entry.name}`) : [`${below}/${entry.name}`],
  );
}

/** SHA-256 of everything that decides what is built, by path; tests decide nothing. What is shared with the images is in their lock. */
export function digestInputs(folder: string): Map<string, string> {
  const paths = ['build.sh', 'build.ts', 'recipe.json', ...listFiles(folder, 'builder'), ...listFiles(folder, 'files')];
  const inputs = paths.filter((path) => !path.endsWith('.test.ts')).sort();
  return new Map(inputs.map((path) => [path, sha256(readFileSync(join(folder, path)))]));
}

function* compareInputs(folder: string, lock: Lock): Generator<string> {
  const actual = digestInputs(folder);
  for (const [path, digest] of actual) {
    if (!lock.files.has(path)) yield `${path}: not in the lock`;
    else if (lock.files.get(path) !== digest) yield `${path}: changed since the tools were built`;
  }
  for (const path of lock.files.keys()) if (!actual.has(path)) yield `${path}: in the lock but gone`;
}

function* comparePackages(folder: string, lock: Lock): Generator<string> {
  const { packages, libraries } = loadRecipe(folder);
  const wanted = new Set([...packages.keys(), ...libraries]);
  const locked = new Set(lock.packages.map(({ name }) => name));
  for (const name of wanted) if (!locked.has(name)) yield `package ${name}: no version in the lock`;
  for (const name of locked) if (!wanted.has(name)) yield `package ${name}: in the lock but not in the recipe`;
}

function* compareBlobs(folder: string, lock: Lock): Generator<string> {
  const blobs = join(folder, 'store/blobs');
  for (const { digest, size, role } of lock.blobs) {
    const path = join(blobs, digest);
    if (!existsSync(path)) {
      yield `${digest}: missing (${role})`;
      continue;
    }
    const packed = readFileSync(path);
    if (packed.length !== size) yield `${digest}: ${packed.length} bytes, the lock says ${size} (${role})`;
    else if (sha256(unpack(packed)) !== digest) yield `${digest}: its content has another digest (${role})`;
  }
  const known = new Set(lock.blobs.map(({ digest }) => digest));
  for (const name of readdirSync(blobs)) if (!known.has(name)) yield `${name}: a blob the lock does not know`;
  const total = lock.blobs.reduce((sum, { size }) => sum + size, 0);
  if (total !== lock.total) yield `the lock's total is ${lock.total}, its blobs have ${total} bytes`;
  if (total > BUDGET) yield `${total} bytes of blobs, the budget is ${BUDGET}`;
}

function unpack(packed: Buffer): Buffer {
  try {
    return Buffer.from(decompress(packed));
  } catch {
    return Buffer.alloc(0);
  }
}

function* compareIndex(folder: string, lock: Lock): Generator<string> {
  const index = readFileSync(join(folder, 'store/index.json'), 'utf8');
  const named = new Set([...index.matchAll(/"blob":"([0-9a-f]{64})"/g)].map(([, digest = '']) => digest));
  for (const { digest } of lock.blobs) if (!named.has(digest)) yield `${digest}: nothing in the index leads to it`;
  const known = new Set(lock.blobs.map(({ digest }) => digest));
  for (const digest of named) if (!known.has(digest)) yield `${digest}: the index leads to it, the lock does not know it`;
  const shown = readFileSync(join(folder, 'links.txt'), 'utf8').trim().split('\n');
  for (const line of shown) {
    const path = line.split(' ')[1]?.replace('/run/drydock/host/tools/', '') ?? '';
    if (!index.includes(`{"path":${JSON.stringify(path)},`)) yield `links.txt: ${line}: not in the index`;
  }
}

/** One sentence for each thing that does not hold; empty when all is well. */
export function verifyTools(folder: string): string[] {
  const lock = parseLock(readFileSync(join(folder, 'lock.json'), 'utf8'));
  return [...compareInputs(folder, lock), ...comparePackages(folder, lock), ...compareBlobs(folder, lock), ...compareIndex(folder, lock)];
}
