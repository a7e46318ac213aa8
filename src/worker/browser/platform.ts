import { AppError, cancelled } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { BootOptions } from '../../protocol/playground.ts';
import { fetchGuestAssets } from '../assets.ts';
import { PageWay } from '../outside/page-way.ts';
import { browserSha256 } from './sha256.ts';
import type { Platform } from '../platform.ts';

const page = new PageWay({
  fetch: (...request) => fetch(...request),
  secure: location.protocol === 'https:',
  isOnline: () => navigator.onLine,
});

export const browserPlatform: Platform = {
  loadAssets: ({ baseUrl }, onProgress) => fetchGuestAssets(baseUrl, onProgress),
  openImageFile: (options, path, signal) => openSiteFile(options, `images/${path}`, signal),
  openToolFile: (options, path) => openSiteFile(options, `tools/${path}`, AbortSignal.timeout(toolMilliseconds)),
  sha256: browserSha256,
  outside: [page],
  useRelay: (url) => page.useRelay(url),
  createPorts() {
    const { port1, port2 } = new MessageChannel();
    return [port1, port2];
  },
};

/** Everything else in the layout and among the tools is named by its digest; an old index in the browser's cache would name blobs that are gone. */
const index = /\/index\.json$/;
/** A program of the guest waits for it, and its user can only end the program. */
const toolMilliseconds = 120_000;

async function openSiteFile({ baseUrl }: BootOptions, path: string, signal?: AbortSignal): Promise<ByteSource> {
  const url = new URL(path, baseUrl).href;
  const unreachable = (cause: unknown): never => {
    if (signal?.aborted === true) throw cancelled(`loading ${url}`);
    throw new AppError('unavailable', `${url} could not be loaded. Check the connection and try again.`, { cause });
  };
  const response = await fetch(url, { signal: signal ?? null, cache: index.test(path) ? 'no-cache' : 'default' }).catch(unreachable);
  if (!response.ok)
    throw new AppError(
      response.status === 404 ? 'not_found' : 'unavailable',
      `${url} could not be loaded: the server answered ${response.status}. Whoever put the site online must upload all of dist/.`,
    );
  const reader = response.body?.getReader();
  return {
    async read() {
      const part = await reader?.read().catch(unreachable);
      return part === undefined || part.done ? null : part.value;
    },
    cancel: (reason) => void reader?.cancel(reason).catch(() => undefined),
  };
}
