/**
 * Unpacks one image of the layout into a folder, lowest layer first.
 * Usage: unpack.ts REFERENCE DIR [LAYOUT]. Ownership is kept when run as root.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { blobPath, readImage } from './builder/read-layout.ts';

const [reference, folder, layout = join(import.meta.dirname, 'oci')] = process.argv.slice(2);
if (reference === undefined || folder === undefined) throw new Error('usage: unpack.ts REFERENCE DIR [LAYOUT]');

mkdirSync(folder, { recursive: true });
for (const layer of readImage(layout, reference).layers) {
  execFileSync('tar', ['-xzpf', blobPath(layout, layer.digest), '-C', folder, '--numeric-owner']);
}
