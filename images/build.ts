/**
 * Builds the container images Drydock ships: see README.md.
 * Usage: build.ts [--update] [--out DIR] [--cache DIR]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchLocked, fetchNewest, openApt } from './builder/apt.ts';
import { readPackage, type DebianPackage } from './builder/debian-package.ts';
import { sha256 } from './builder/digest.ts';
import { writeImage } from './builder/image.ts';
import { buildLayer } from './builder/layer.ts';
import { Layout } from './builder/layout.ts';
import { digestInputs, formatLock, parseLock, type Lock } from './builder/lock.ts';
import { MEDIA_TYPES, type BuiltLayer } from './builder/oci.ts';
import { loadImages, loadLayers, type LayerRecipe } from './builder/recipe.ts';
import { run } from './builder/run.ts';
import { replaceSizes, type SizedImage } from './builder/sizes.ts';
import { writeTar } from './builder/tar-write.ts';
import { formatThirdParty } from './builder/third-party.ts';
import { difference, type Tree } from './builder/tree.ts';

/** 2026-11-21, the day the package set was chosen; it moves only when somebody moves it. */
const DEFAULT_EPOCH = 1795219200;
const FOLDER = import.meta.dirname;

interface FinishedLayer {
  readonly built: BuiltLayer;
  readonly tree: Tree;
  readonly packages: readonly DebianPackage[];
  /** Itself and its parents, lowest first. */
  readonly chain: readonly string[];
}

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

function fetchPackages(layers: readonly LayerRecipe[], lock: Lock | undefined): Map<string, DebianPackage> {
  const apt = openApt(resolve(options.cache));
  const names = [...new Set(layers.flatMap((layer) => layer.packages))].sort();
  const locked = names.flatMap((name) => lock?.packages.find((item) => item.name === name) ?? []);
  const pinned = !options.update && locked.length === names.length;
  if (!pinned && !options.update)
    throw new Error('the lock does not name every package of the recipes; run with --update to choose versions');
  const archives = pinned ? fetchLocked(apt, locked) : fetchNewest(apt, names);
  return new Map([...archives].map(([name, path]) => [name, readPackage(path)]));
}

/** GNU gzip, because the output of Node's zlib depends on the processor it runs on. */
function compress(tar: Buffer): Buffer {
  return run('gzip', ['-9', '-n', '-c'], { input: tar });
}

function finishLayer(
  layer: LayerRecipe,
  finished: ReadonlyMap<string, FinishedLayer>,
  layout: Layout,
  packages: DebianPackage[],
  epoch: number,
): FinishedLayer {
  const parent = layer.parent === undefined ? undefined : finished.get(layer.parent);
  const below: Tree = parent?.tree ?? new Map();
  const tree = buildLayer({ layer, folder: join(FOLDER, 'layers', layer.name), packages, parent: below });
  const tar = writeTar(difference(below, tree), epoch);
  const descriptor = layout.addBlob(compress(tar), MEDIA_TYPES.layer, `layer ${layer.name}`);
  const built = { name: layer.name, comment: layer.comment, descriptor, diffId: `sha256:${sha256(tar)}`, tarSize: tar.length };
  console.log(`layer ${layer.name}: ${tar.length} bytes, ${descriptor.size} compressed`);
  return { built, tree, packages, chain: [...(parent?.chain ?? []), layer.name] };
}

function firstLine(command: string, ...args: string[]): string {
  return run(command, args).toString('utf8').split('\n')[0] ?? '';
}

function writeImages(layout: Layout, finished: ReadonlyMap<string, FinishedLayer>, epoch: number): SizedImage[] {
  const created = new Date(epoch * 1000).toISOString().replace('.000', '');
  return loadImages(FOLDER).map((recipe) => {
    const chain = (finished.get(recipe.layer)?.chain ?? []).flatMap((name) => finished.get(name) ?? []);
    if (chain.length === 0) throw new Error(`recipes/${recipe.name}: no layer ${recipe.layer}`);
    const layers = chain.map((layer) => layer.built);
    const packages = chain.flatMap((layer) => layer.packages.map((debian) => debian.locked));
    writeImage(layout, { recipe, layers, packages, created });
    return { reference: recipe.reference, layers };
  });
}

function readTools(): Map<string, string> {
  return new Map(['i686-linux-gnu-gcc', 'gzip'].map((tool) => [tool, firstLine(tool, '--version')]));
}

function writeReadme(images: readonly SizedImage[], total: number): void {
  const path = join(FOLDER, 'README.md');
  writeFileSync(path, replaceSizes(readFileSync(path, 'utf8'), images, total));
}

function build(): void {
  const lock = readLock();
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? lock?.sourceDateEpoch ?? DEFAULT_EPOCH);
  const layers = loadLayers(FOLDER);
  const packages = fetchPackages(layers, lock);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const layout = new Layout(join(out, 'oci'));
  const finished = new Map<string, FinishedLayer>();
  for (const layer of layers) {
    const own = layer.packages.flatMap((name) => packages.get(name) ?? []);
    finished.set(layer.name, finishLayer(layer, finished, layout, own, epoch));
  }
  const images = writeImages(layout, finished, epoch);
  const blobs = layout.close();
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0);
  const locked = [...packages.keys()].sort().flatMap((name) => packages.get(name)?.locked ?? []);
  const next = { sourceDateEpoch: epoch, tools: readTools(), files: digestInputs(FOLDER), packages: locked, blobs, total };
  writeFileSync(join(out, 'lock.json'), formatLock(next));
  const sources = [...finished].map(([layer, item]) => ({ layer, packages: item.packages, tree: item.tree }));
  writeFileSync(join(out, 'THIRD-PARTY.md'), formatThirdParty(sources));
  if (out === FOLDER) writeReadme(images, total);
  console.log(`${blobs.length} blobs, ${total} bytes`);
}

build();
