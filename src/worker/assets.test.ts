import { describe, expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import type { BootProgress } from '../protocol/playground.ts';
import { fetchGuestAssets } from './assets.ts';

const base = 'https://example.org/here/';
const manifest = {
  memoryMegabytes: 256,
  state: { file: 'state.bin', bytes: 5 },
  wasm: { file: 'v86.wasm', bytes: 3 },
  disk: { file: 'disk.bin', bytes: 2 },
};
const files: Readonly<Record<string, string>> = {
  'manifest.json': JSON.stringify(manifest),
  'state.bin': 'state',
  'v86.wasm': 'asm',
  'disk.bin': 'di',
};

const order = ['guest/v86.wasm', 'guest/disk.bin', 'guest/state.bin'];

/** A server with these files below guest/; what it lacks is 404. */
function load(changed: Readonly<Record<string, string | undefined>> = {}) {
  const progress: BootProgress[] = [];
  const cached: string[] = [];
  const served = { ...files, ...changed };
  const get = (url: string, options?: { readonly cache: string }): Promise<Response> => {
    if (options?.cache !== 'no-cache') cached.push(url);
    const body = served[url.replace(`${base}guest/`, '')];
    return Promise.resolve(body === undefined ? new Response('', { status: 404 }) : new Response(body));
  };
  return { assets: fetchGuestAssets(base, (step) => progress.push(step), get), progress, cached };
}

describe('the guest over HTTP', () => {
  test('is loaded whole, and progress is counted over all files', async () => {
    const { assets, progress, cached } = load();
    expect(await assets).toEqual({ memoryMegabytes: 256, state: utf8('state'), wasm: utf8('asm'), disk: utf8('di') });
    expect(progress.at(-1)).toMatchObject({ stage: 'fetch', loaded: 10, total: 10 });
    const labels = progress.map(({ label }) => label);
    expect(labels.slice(0, -1)).toEqual([...labels.slice(0, -1)].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(cached).not.toContain(`${base}guest/manifest.json`);
  });

  test.each([
    ['manifest.json', undefined, 'asset_missing', { status: 404 }],
    ['manifest.json', '<!doctype html>', 'asset_damaged', {}],
    ['manifest.json', '{"memoryMegabytes":256}', 'asset_damaged', {}],
    ['state.bin', undefined, 'asset_missing', { status: 404 }],
    ['state.bin', 'stat', 'asset_damaged', {}],
  ])('%s being %j is a failure that names it', async (file, contents, reason, detail) => {
    const { assets } = load({ [file]: contents });
    await expect(assets).rejects.toMatchObject({ kind: 'unavailable', detail: { reason, url: `${base}guest/${file}`, ...detail } });
  });

  test('a server that does not answer has status 0', async () => {
    const assets = fetchGuestAssets(
      base,
      () => undefined,
      () => Promise.reject(new TypeError('Failed to fetch')),
    );
    await expect(assets).rejects.toMatchObject({ detail: { reason: 'asset_missing', status: 0 } });
  });
});
