import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../base/errors.ts';
import type { BootFiles } from '../boot-inputs.ts';
import { patchV86 } from '../jit/patch-v86.ts';

const kernelDist = new URL('../../../kernel/dist/', import.meta.url);

/**
 * The guest's files, v86.wasm from the package.
 * @param guestFiles the folder that kernel/build.sh fills
 * @throws AppError `not_found` naming the file that is missing
 */
export async function loadBootFiles(guestFiles: URL = kernelDist): Promise<BootFiles> {
  const [wasm, kernel, rootfs, agent, bios, vgaBios, disk] = await Promise.all([
    load(join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm')),
    load(new URL('bzImage', guestFiles)),
    load(new URL('rootfs.cpio.gz', guestFiles)),
    load(new URL('agent', guestFiles)),
    load(new URL('bios.bin', guestFiles)),
    load(new URL('vgabios.bin', guestFiles)),
    load(new URL('disk.ext4.gz', guestFiles)),
  ]);
  return { wasm: patchV86(wasm), kernel, rootfs, agent, bios, vgaBios, disk: new Uint8Array(gunzipSync(disk)) };
}

async function load(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new AppError('not_found', `${String(path)} cannot be read`, { cause: error });
  }
}
