/**
 * The guest's files that are not committed but made from what is: the boot state (a booted guest, frozen at its agent's hello). It is kept in
 * `.cache/guest/` under the hash of all it was made from, and made again when that changes.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
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

/** Whole or not at all, also beside another process that does the same. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, bytes);
  await rename(partial, path);
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
    await removeStale(memoryMegabytes, key);
    // No two states are the same, and another process that made one meanwhile may be using its size.
    if (!(await exists(path(names.state)))) await writeWhole(path(names.state), state);
    say(`Start state: ${(state.length / 1e6).toFixed(1)} MB, made in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
  }
  if (!(await exists(path(names.wasm)))) await writeWhole(path(names.wasm), files.wasm);
  if (!(await exists(path(names.disk)))) await writeWhole(path(names.disk), files.disk);
  const entry = async (name: string) => ({ file: name, bytes: (await stat(path(name))).size });
  const manifest = { memoryMegabytes, state: await entry(names.state), wasm: await entry(names.wasm), disk: await entry(names.disk) };
  return { manifest, paths };
}

/** States of this memory size made from other inputs, with the files that belong to them. */
async function removeStale(memoryMegabytes: number, current: string): Promise<void> {
  const names = await readdir(cache);
  const state = new RegExp(`^state-${memoryMegabytes}-(\\w+)\\.bin$`);
  const keys = names.flatMap((name) => state.exec(name)?.[1] ?? []).filter((key) => key !== current);
  for (const name of names) if (keys.some((key) => name.includes(key))) await rm(join(cache, name), { force: true });
}

export function guestFiles(guest: PreparedGuest): { readonly name: string; readonly path: string }[] {
  return Object.entries(guest.paths).map(([name, path]) => ({ name, path }));
}
