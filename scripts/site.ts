/** Builds dist/: the page by vite, the guest's files and the images beside it. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { licenceNotices } from './licences.ts';
import { guestFiles, prepareGuest } from '../src/worker/node/prepare-guest.ts';

const root = resolve(import.meta.dirname, '..');
export const siteFolder = join(root, 'dist');

export async function buildSite(say: (line: string) => void): Promise<void> {
  const guest = await prepareGuest(say);
  say('Building the page …');
  await asProduction(() => build({ root, logLevel: 'warn' }));
  await rm(join(siteFolder, 'guest'), { recursive: true, force: true });
  await mkdir(join(siteFolder, 'guest'), { recursive: true });
  for (const { name, path } of guestFiles(guest)) await cp(path, join(siteFolder, 'guest', name));
  await writeFile(join(siteFolder, 'guest', 'manifest.json'), JSON.stringify(guest.manifest));
  await writeFile(join(siteFolder, 'LICENCES.txt'), licenceNotices(join(siteFolder, 'assets')));
  await cp(join(root, 'images', 'oci'), join(siteFolder, 'images'), { recursive: true });
  await cp(join(root, 'tools', 'store'), join(siteFolder, 'tools'), { recursive: true });
}

/** Vite and Svelte build for development wherever NODE_ENV says anything else, as a test runner's "test": what is tested shall be what is shipped. */
async function asProduction<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
