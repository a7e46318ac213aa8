/** `lock.json`: what went into the images and what came out, so that either can be checked without the other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './digest.ts';
import { readArray, readMap, readNumber, readObject, readString } from './json.ts';

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Bytes of the .deb archive. */
  readonly size: number;
  readonly sha256: string;
  readonly source: string;
  readonly sourceVersion: string;
}

export interface LockedBlob {
  readonly digest: string;
  readonly size: number;
  /** What the blob is, for readers of the lock: `layer nginx`, `manifest docker.io/library/nginx:latest`. */
  readonly role: string;
}

export interface Lock {
  /** Seconds since 1970: every timestamp in the images. */
  readonly sourceDateEpoch: number;
  /** Versions of the programs that shaped the output. For information; the blobs' digests are what counts. */
  readonly tools: ReadonlyMap<string, string>;
  /** SHA-256 of each recipe and builder file, by path below `images/`. */
  readonly files: ReadonlyMap<string, string>;
  readonly packages: readonly LockedPackage[];
  readonly blobs: readonly LockedBlob[];
  /** Bytes of all blobs. */
  readonly total: number;
}

function readPackageLock(value: unknown, where: string): LockedPackage {
  const object = readObject(value, where);
  const text = (key: string): string => readString(object[key], `${where}.${key}`);
  return {
    name: text('name'),
    version: text('version'),
    architecture: text('architecture'),
    size: readNumber(object['size'], `${where}.size`),
    sha256: text('sha256'),
    source: text('source'),
    sourceVersion: text('sourceVersion'),
  };
}

function readBlobLock(value: unknown, where: string): LockedBlob {
  const object = readObject(value, where);
  return {
    digest: readString(object['digest'], `${where}.digest`),
    size: readNumber(object['size'], `${where}.size`),
    role: readString(object['role'], `${where}.role`),
  };
}

export function parseLock(text: string): Lock {
  const root = readObject(JSON.parse(text), 'lock');
  const inputs = readObject(root['inputs'], 'lock.inputs');
  const outputs = readObject(root['outputs'], 'lock.outputs');
  return {
    sourceDateEpoch: readNumber(inputs['sourceDateEpoch'], 'lock.inputs.sourceDateEpoch'),
    tools: readMap(inputs['tools'], 'lock.inputs.tools', readString),
    files: readMap(inputs['files'], 'lock.inputs.files', readString),
    packages: readArray(inputs['packages'], 'lock.inputs.packages').map((item, index) =>
      readPackageLock(item, `lock.inputs.packages[${index}]`),
    ),
    blobs: readArray(outputs['blobs'], 'lock.outputs.blobs').map((item, index) => readBlobLock(item, `lock.outputs.blobs[${index}]`)),
    total: readNumber(outputs['total'], 'lock.outputs.total'),
  };
}

export function formatLock(lock: Lock): string {
  const inputs = {
    sourceDateEpoch: lock.sourceDateEpoch,
    tools: Object.fromEntries(lock.tools),
    files: Object.fromEntries(lock.files),
    packages: lock.packages,
  };
  return JSON.stringify({ inputs, outputs: { total: lock.total, blobs: lock.blobs } }, null, 2) + '\n';
}

/** Built once for the guest and the images. */
export const guestBusybox = join(import.meta.dirname, '../../kernel/dist/busybox');

const INPUT_FOLDERS = ['builder', 'layers', 'recipes'];
const INPUT_FILES = ['build.sh', 'build.ts'];

function listFiles(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(folder, `${below}/${entry.name}`) : [`${below}/${entry.name}`],
  );
}

/** Digests of everything below `images/`, and of the guest's busybox, that decides what is built; tests decide nothing. */
export function digestInputs(folder: string): Map<string, string> {
  const paths = [...INPUT_FILES, ...INPUT_FOLDERS.flatMap((name) => listFiles(folder, name))].filter((path) => !path.endsWith('.test.ts'));
  const below = paths.sort().map((path): [string, string] => [path, sha256(readFileSync(join(folder, path)))]);
  return new Map([...below, ['kernel/dist/busybox', sha256(readFileSync(guestBusybox))]]);
}
