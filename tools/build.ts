/**
 * Builds the tools of the guest's root: see README.md.
 * Usage: build.ts [--update] [--out DIR] [--cache DIR]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchLocked, fetchNewest, openApt } from '../images/builder/apt.ts';
import { readPackage, type DebianPackage } from '../images/builder/debian-package.ts';
import { formatLock, parseLock, type Lock } from '../images/builder/lock.ts';
import { run } from '../images/builder/run.ts';
import { assemble } from './builder/assemble.ts';
import { shownLinks } from './builder/links.ts';
import { writeLoaderCache } from './builder/loader-cache.ts';
import { loadRecipe, type Recipe } from './builder/recipe.ts';
import { writeStore } from './builder/store.ts';
import { formatNotices } from './builder/notices.ts';
import { digestInputs } from './builder/verify.ts';

/** 2026-11-29, the day the package set was chosen; it moves only when somebody moves it. */
const DEFAULT_EPOCH = 1795910400;
const FOLDER = import.meta.dirname;

const { values: options } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    out: { type: 'string', default: FOLDER },
    cache: { type: 'string', default: join(FOLDER, '.cache') },
  },
});

function readLock(): Lock | undefined {
  const path = join(FOLDER, 'lock.json');
  return existsSync(path) ? parseLock(readFileSync(path, 'utf8')) : undefined;
}

function fetchPackages(recipe: Recipe, lock: Lock | undefined): Map<string, DebianPackage> {
  const apt = openApt(resolve(options.cache));
  const names = [...new Set([...recipe.packages.keys(), ...recipe.libraries])].sort();
  const locked = names.flatMap((name) => lock?.packages.find((item) => item.name === name) ?? []);
  const pinned = !options.update && locked.length === names.length;
  if (!pinned && !options.update)
    throw new Error('the lock does not name every package of the recipe; run with --update to choose versions');
  const archives = pinned ? fetchLocked(apt, locked) : fetchNewest(apt, names);
  return new Map([...archives].map(([name, path]) => [name, readPackage(path)]));
}

function build(): void {
  const lock = readLock();
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? lock?.sourceDateEpoch ?? DEFAULT_EPOCH);
  const recipe = loadRecipe(FOLDER);
  const packages = fetchPackages(recipe, lock);
  const { tree, idle } = assemble(recipe, packages, join(FOLDER, 'files'));
  if (idle.length > 0) throw new Error(`recipe.json: no program needs ${idle.join(', ')}`);
  writeLoaderCache(tree);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const { blobs, index } = writeStore(join(out, 'store'), tree, epoch);
  writeFileSync(join(out, 'links.txt'), shownLinks(recipe, tree));
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0);
  const sorted = [...packages.values()].sort((left, right) => (left.locked.name < right.locked.name ? -1 : 1));
  const tools = new Map([['zstd', run('zstd', ['--version']).toString('utf8').trim()]]);
  const next = { sourceDateEpoch: epoch, tools, files: digestInputs(FOLDER), packages: sorted.map(({ locked }) => locked), blobs, total };
  writeFileSync(join(out, 'lock.json'), formatLock(next));
  writeFileSync(join(out, 'THIRD-PARTY.md'), formatNotices(sorted, tree));
  console.log(`${blobs.length} blobs, ${total} bytes; index ${index.length} bytes`);
}

build();
