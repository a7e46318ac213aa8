import { AppError } from '../base/errors.ts';
import type { BootFailureReason, BootProgress } from '../protocol/playground.ts';

/** `guest/manifest.json`: what a restored guest is made of. Sizes in bytes. */
export interface GuestManifest {
  readonly memoryMegabytes: number;
  readonly state: AssetEntry;
  readonly wasm: AssetEntry;
  readonly disk: AssetEntry;
}

interface AssetEntry {
  readonly file: string;
  readonly bytes: number;
}

export interface GuestAssets {
  readonly memoryMegabytes: number;
  readonly state: Uint8Array<ArrayBuffer>;
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly disk: Uint8Array<ArrayBuffer>;
}

export function bootFailure(
  reason: BootFailureReason,
  message: string,
  detail: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): AppError {
  return new AppError('unavailable', message, { detail: { reason, ...detail }, ...(cause === undefined ? {} : { cause }) });
}

type Fetch = (url: string, options?: { readonly cache: 'no-cache' }) => Promise<Response>;

/** Loads what boot needs from `baseUrl` + `guest/`, reporting bytes over all of it. */
export async function fetchGuestAssets(
  baseUrl: string,
  onProgress: (progress: BootProgress) => void,
  get: Fetch = fetch,
): Promise<GuestAssets> {
  const folder = new URL('guest/', baseUrl).href;
  // It names files of one version of the site: an older copy in the browser's cache would name files that are gone.
  const fresh: Fetch = (url) => get(url, { cache: 'no-cache' });
  const manifest = parseManifest(await download(`${folder}manifest.json`, fresh, () => undefined), `${folder}manifest.json`);
  const entries = [manifest.wasm, manifest.disk, manifest.state];
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  const missing = new Map(entries.map((entry) => [entry, entry.bytes]));
  const load = (entry: AssetEntry): Promise<Uint8Array<ArrayBuffer>> =>
    download(folder + entry.file, get, (more) => {
      loaded += more;
      missing.set(entry, (missing.get(entry) ?? 0) - more);
      // They come at the same time: the first that is not there yet is named, so that the name does not flicker.
      const { file } = entries.find((candidate) => (missing.get(candidate) ?? 0) > 0) ?? entry;
      onProgress({ stage: 'fetch', label: `guest/${file}`, loaded, total });
    }).then((bytes) => checkSize(bytes, entry, folder));
  const [wasm, disk, state] = await Promise.all([load(manifest.wasm), load(manifest.disk), load(manifest.state)]);
  return { memoryMegabytes: manifest.memoryMegabytes, wasm, disk, state };
}

function checkSize(bytes: Uint8Array<ArrayBuffer>, entry: AssetEntry, folder: string): Uint8Array<ArrayBuffer> {
  if (bytes.length === entry.bytes) return bytes;
  throw bootFailure('asset_damaged', `guest/${entry.file} has ${bytes.length} bytes instead of ${entry.bytes}`, {
    url: folder + entry.file,
  });
}

async function download(url: string, get: Fetch, onBytes: (more: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const response = await get(url).catch((cause: unknown) => {
    throw bootFailure('asset_missing', `${url} could not be loaded`, { url, status: 0 }, cause);
  });
  if (!response.ok) throw bootFailure('asset_missing', `${url}: the server answered ${response.status}`, { url, status: response.status });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      chunks.push(part.value);
      size += part.value.length;
      onBytes(part.value.length);
    }
  } catch (cause) {
    throw bootFailure('asset_missing', `${url}: the connection broke`, { url, status: 0 }, cause);
  }
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function parseManifest(bytes: Uint8Array, url: string): GuestManifest {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isManifest(value)) return value;
  } catch (cause) {
    throw bootFailure('asset_damaged', `${url} is not JSON`, { url }, cause);
  }
  throw bootFailure('asset_damaged', `${url} is not a guest manifest`, { url });
}

function isManifest(value: unknown): value is GuestManifest {
  if (typeof value !== 'object' || value === null || !('memoryMegabytes' in value) || typeof value.memoryMegabytes !== 'number')
    return false;
  return 'state' in value && 'wasm' in value && 'disk' in value && [value.state, value.wasm, value.disk].every(isEntry);
}

function isEntry(value: unknown): value is AssetEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'string' &&
    'bytes' in value &&
    typeof value.bytes === 'number'
  );
}
