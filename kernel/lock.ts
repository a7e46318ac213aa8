// What lock.json says and how it is computed: for each part of dist/, the files it is made from, the Debian packages
// that went in, and what came out. Paths are relative to kernel/.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';

export const kernelFolder = import.meta.dirname;
export const lockFile = join(kernelFolder, 'lock.json');

/** SHA-256 in hex by path. */
export type Sums = Record<string, string>;

/** A Debian package; `sha256` is that of the .deb, or of the source archive that it installs. */
export interface LockedPackage {
  name: string;
  version: string;
  sha256?: string;
}

export interface LockedPart {
  inputs: Sums;
  packages: LockedPackage[];
  outputs: Sums;
}

export type Lock = Record<string, LockedPart>;

interface PartDefinition {
  /** Files and folders (all files below them). */
  inputs: string[];
  outputs: string[];
  /** A `name version sha256` list that the build leaves behind. */
  packageList?: string;
  /** Packages that must be installed for the build, of which only the version is known. */
  tools?: string[];
  /** Package name to the archive that it installs. */
  sources?: Record<string, string>;
}

const parts: Record<string, PartDefinition> = {
  kernel: {
    inputs: ['build-kernel.sh', 'config'],
    outputs: ['dist/bzImage', 'dist/config'],
    tools: ['gcc-12-i686-linux-gnu', 'binutils-i686-linux-gnu', 'zstd'],
    sources: { 'linux-source-6.1': '/usr/src/linux-source-6.1.tar.xz' },
  },
  busybox: {
    inputs: ['build-busybox.sh', 'fetch-packages.sh', 'fetch-source.sh'],
    outputs: ['dist/busybox', 'dist/busybox.packages'],
    packageList: 'dist/busybox.packages',
    tools: ['gcc-12-i686-linux-gnu', 'binutils-i686-linux-gnu'],
  },
  rootfs: { inputs: ['build-rootfs.sh', 'rootfs', 'dist/busybox', '../tools/links.txt'], outputs: ['dist/rootfs.cpio.gz'] },
  disk: { inputs: ['build-disk.sh', 'pack-disk.ts'], outputs: ['dist/disk.ext4.gz'], tools: ['e2fsprogs'] },
  bios: {
    inputs: ['build-bios.sh', 'fetch-packages.sh'],
    outputs: ['dist/bios.bin', 'dist/vgabios.bin', 'dist/bios.packages'],
    packageList: 'dist/bios.packages',
  },
  agent: { inputs: ['agent'], outputs: ['dist/agent'] },
};

export const partNames = Object.keys(parts);

/** Tests and notes beside the inputs do not enter what is built. */
const isInput = (path: string): boolean => !/(\.md|\.test\.ts|(^|\/)tests?\/.*|(^|\/)fuzz\/.*)$/.test(path);

function filesBelow(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const child = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(child) : [child];
  });
}

function expand(path: string): string[] {
  const full = join(kernelFolder, path);
  if (!existsSync(full)) return [path];
  const files = statSync(full).isDirectory() ? filesBelow(full) : [full];
  return files.map((file) => relative(kernelFolder, file)).filter(isInput);
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function sums(paths: string[]): Sums {
  const sorted = [...new Set(paths)].sort();
  return Object.fromEntries(
    sorted.map((path) => {
      const full = join(kernelFolder, path);
      return [path, existsSync(full) ? sha256(full) : 'missing'];
    }),
  );
}

function definition(part: string): PartDefinition {
  const found = parts[part];
  if (found === undefined) throw new Error(`no part is named ${part}; there are ${partNames.join(', ')}`);
  return found;
}

/** The sums of a part's inputs and outputs as they are in the tree; a file that is not there has the sum `missing`. */
export function treeSums(part: string): { inputs: Sums; outputs: Sums } {
  const { inputs, outputs } = definition(part);
  return { inputs: sums(inputs.flatMap(expand)), outputs: sums(outputs) };
}

function installedVersion(name: string): string {
  return execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' }).trim();
}

function listedPackages(list: string): LockedPackage[] {
  const lines = readFileSync(join(kernelFolder, list), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [name, version, sum] = line.split(' ');
    if (name === undefined || version === undefined || sum === undefined) throw new Error(`${list}: bad line "${line}"`);
    return { name, version, sha256: sum };
  });
}

/** The packages behind a part that was just built on this machine. */
export function buildPackages(part: string): LockedPackage[] {
  const { packageList, tools = [], sources = {} } = definition(part);
  return [
    ...Object.entries(sources).map(([name, file]) => ({ name, version: installedVersion(name), sha256: sha256(file) })),
    ...(packageList === undefined ? [] : listedPackages(packageList)),
    ...tools.map((name) => ({ name, version: installedVersion(name) })),
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseSums(value: unknown): Sums {
  if (!isRecord(value)) throw new Error('lock.json: sums must be an object');
  return Object.fromEntries(Object.entries(value).map(([path, sum]) => [path, String(sum)]));
}

function parsePackage(value: unknown): LockedPackage {
  if (!isRecord(value)) throw new Error('lock.json: a package must be an object');
  const base = { name: String(value['name']), version: String(value['version']) };
  return value['sha256'] === undefined ? base : { ...base, sha256: String(value['sha256']) };
}

function parsePart(value: unknown): LockedPart {
  if (!isRecord(value) || !Array.isArray(value['packages'])) throw new Error('lock.json: a part must list its packages');
  return {
    inputs: parseSums(value['inputs']),
    packages: value['packages'].map(parsePackage),
    outputs: parseSums(value['outputs']),
  };
}

/** The lock as written; empty when there is none yet. */
export function readLock(): Lock {
  if (!existsSync(lockFile)) return {};
  const value: unknown = JSON.parse(readFileSync(lockFile, 'utf8'));
  if (!isRecord(value)) throw new Error('lock.json: not an object');
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, parsePart(part)]));
}
