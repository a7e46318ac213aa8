/**
 * The guest's files that are not committed but made from what is: the boot state (a booted guest, frozen at its agent's hello). It is kept in
 * `.cache/guest/` under the hash of all it was made from, and made again when that changes.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bootKey } from '../../machine/boot-inputs.ts';
import { makeBootState } from '../../machine/make-boot-state.ts';
import { loadBootFiles } from '../../machine/node/boot-files.ts';
import type { GuestManifest } from '../assets.ts';

const root = resolve(import.meta.dirname, '../../..');
const cache = join(root, '.cache', 'guest');

export interface PreparedGuest {
  readonly manifest: GuestManifest;
  /** Paths on this machine by the names of the manifest. */
  readonly paths: Readonly<Record<string, string>>;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.partial`, bytes);
  await rename(`${path}.partial`, path);
}

/**
 * Returns the boot state for a memory size, making it when missing.
 * @param say told what is being done, a line at a time
 */
export async function prepareGuest(say: (line: string) => void, memoryMegabytes = 256): Promise<PreparedGuest> {
  const files = await loadBootFiles();
  const key = bootKey({ ...files, memoryMegabytes }).slice(0, 16);
  const names = { state: `state-${memoryMegabytes}-${key}.bin`, wasm: `v86-${key}.wasm`, disk: `disk-${key}.bin` };
  const paths = Object.fromEntries(Object.values(names).map((name) => [name, join(cache, name)]));
  const path = (name: string): string => paths[name] ?? '';
  await mkdir(cache, { recursive: true });
  if (!(await exists(path(names.state)))) {
    say(`Booting the guest once to make its start state (${memoryMegabytes} MB; about half a minute, kept in .cache/) …`);
    const started = performance.now();
    const state = await makeBootState({ ...files, memoryMegabytes, progress: say });
    await removeStale(memoryMegabytes);
    await writeWhole(path(names.state), state);
    say(`Start state: ${(state.length / 1e6).toFixed(1)} MB, made in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  }
  await writeWhole(path(names.wasm), files.wasm);
  await writeWhole(path(names.disk), files.disk);
  const entry = async (name: string) => ({ file: name, bytes: (await stat(path(name))).size });
  const manifest = { memoryMegabytes, state: await entry(names.state), wasm: await entry(names.wasm), disk: await entry(names.disk) };
  return { manifest, paths };
}

/** States of this memory size made from other inputs. */
async function removeStale(memoryMegabytes: number): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(`state-${memoryMegabytes}-`)) await rm(join(cache, name));
  }
}

export function guestFiles(guest: PreparedGuest): { readonly name: string; readonly path: string }[] {
  return Object.entries(guest.paths).map(([name, path]) => ({ name, path }));
}

export async function readGuestFile(guest: PreparedGuest, file: string): Promise<Uint8Array> {
  return readFile(guest.paths[file] ?? '');
}
