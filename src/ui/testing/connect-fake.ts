import { AppError } from '../../base/errors.ts';
import type { Playground } from '../../protocol/playground.ts';
import { readAddress } from '../address/address.ts';
import type { Connection } from '../shell/connect.ts';
import { createFakePlayground } from './fake-playground.ts';

/**
 * The page without a guest: `npx vite --mode fake`. In the address, `?fail=REASON` fails the boot, `?crash` kills the worker once ready, `?stuck` fails every
 * reset, `?stop=STAGE` stays in a stage of the boot.
 */
export function connect(): Connection {
  const query = new URLSearchParams(readAddress().search);
  const playground = createFakePlayground();
  return {
    playground: {
      ...playground,
      lifecycle: {
        boot: (options, onProgress) => boot(playground, query, [options, onProgress]),
        reset: () =>
          query.has('stuck') ? Promise.reject(new AppError('unavailable', 'the guest did not start')) : playground.lifecycle.reset(),
      },
    },
    crashed: new Promise((resolve) => {
      if (query.has('crash')) setTimeout(() => resolve(new AppError('internal', 'RuntimeError: unreachable')), 1500);
    }),
  };
}

async function boot(
  playground: Playground,
  query: URLSearchParams,
  [options, onProgress]: Parameters<Playground['lifecycle']['boot']>,
): Promise<void> {
  const fail = query.get('fail');
  const stop = query.get('stop');
  if (stop !== null) {
    onProgress({ stage: 'fetch', label: 'guest/state-256-0123456789abcdef.bin', loaded: 4_700_000, total: 11_300_000 });
    if (stop !== 'fetch') onProgress({ stage: 'start', label: '', loaded: 0, total: 0 });
    await new Promise(() => undefined);
  }
  if (fail !== null) {
    const url = `${options.baseUrl}guest/state-256-0123456789abcdef.bin`;
    throw new AppError('unavailable', 'the agent did not say hello within 30 s', { detail: { reason: fail, url, status: 404 } });
  }
  await playground.lifecycle.boot(options, onProgress);
}
