import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { BootOptions } from '../../protocol/playground.ts';
import { fetchGuestAssets } from '../assets.ts';
import type { Platform } from '../playground.ts';

export const browserPlatform: Platform = {
  loadAssets: ({ baseUrl }, onProgress) => fetchGuestAssets(baseUrl, onProgress),
  openImageFile,
  createPorts() {
    const { port1, port2 } = new MessageChannel();
    return [port1, port2];
  },
};

async function openImageFile({ baseUrl }: BootOptions, path: string): Promise<ByteSource> {
  const url = new URL(`images/${path}`, baseUrl).href;
  const response = await fetch(url).catch((cause: unknown) => {
    throw new AppError('unavailable', `${url} could not be loaded`, { cause });
  });
  if (!response.ok)
    throw new AppError(response.status === 404 ? 'not_found' : 'unavailable', `${url}: the server answered ${response.status}`);
  const reader = response.body?.getReader();
  return {
    async read() {
      const part = await reader?.read();
      return part === undefined || part.done ? null : part.value;
    },
    cancel: (reason) => void reader?.cancel(reason).catch(() => undefined),
  };
}
