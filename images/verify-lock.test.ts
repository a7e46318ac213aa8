import { appendFileSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { parseLock } from './builder/lock.ts';
import { blobPath } from './builder/read-layout.ts';
import { verifyImages } from './builder/verify.ts';
import { FOLDER } from './testing/image-tree.ts';

const parent = mkdtempSync(join(tmpdir(), 'drydock-verify-'));
const folder = join(parent, 'images');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(FOLDER, folder, { recursive: true, filter: (path) => !path.endsWith('.cache') });
});
afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

function smallestLayer(): string {
  const layers = parseLock(readFileSync(join(folder, 'lock.json'), 'utf8')).blobs.filter((blob) => blob.role.startsWith('layer'));
  const digest = layers.at(-1)?.digest;
  if (digest === undefined) throw new Error('no layer in the lock');
  return digest;
}

it('finds nothing wrong with the committed images', () => {
  expect(verifyImages(FOLDER)).toEqual([]);
});

it('notices a recipe that changed after the build', () => {
  appendFileSync(join(folder, 'layers/hello-world/hello.c'), '/* more */\n');
  expect(verifyImages(folder)).toEqual(['layers/hello-world/hello.c: changed since the images were built']);
});

it('notices a file that joined or left the recipes', () => {
  writeFileSync(join(folder, 'layers/nginx/files/extra'), '');
  rmSync(join(folder, 'layers/hello-world/hello.c'));
  expect(verifyImages(folder)).toEqual(['layers/nginx/files/extra: not in the lock', 'layers/hello-world/hello.c: in the lock but gone']);
});

it('notices a blob of the right length with other content', () => {
  const digest = smallestLayer();
  const data = readFileSync(blobPath(join(folder, 'oci'), digest));
  data[20] = (data[20] ?? 0) ^ 1;
  writeFileSync(blobPath(join(folder, 'oci'), digest), data);
  expect(verifyImages(folder)).toEqual([`${digest}: its content has another digest (layer hello-world)`]);
});

it('notices a missing blob and a blob nobody asked for', () => {
  const path = blobPath(join(folder, 'oci'), smallestLayer());
  renameSync(path, path.replace(/.$/, 'x'));
  expect(verifyImages(folder)).toEqual([`${smallestLayer()}: missing (layer hello-world)`]);
  rmSync(path.replace(/.$/, 'x'));
  cpSync(join(FOLDER, 'oci'), join(folder, 'oci'), { recursive: true });
  writeFileSync(join(folder, 'oci/blobs/sha256', '0'.repeat(64)), '');
  expect(verifyImages(folder)).toEqual([`sha256:${'0'.repeat(64)}: a blob the lock does not know`]);
});

it('notices an image that left the index', () => {
  writeFileSync(join(folder, 'oci/index.json'), JSON.stringify({ schemaVersion: 2, manifests: [] }));
  expect(verifyImages(folder)).toContain('docker.io/library/nginx:latest: has a recipe but is not in the index');
});
