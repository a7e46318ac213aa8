import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../src/api/api.ts';
import { serve } from '../../src/api/http1.ts';
import { listen, type Listener } from '../../src/worker/node/listen.ts';
import { fakeEngine, type FakeEngine } from './fake-engine.ts';

export interface ServedEngine {
  readonly engine: FakeEngine;
  readonly path: string;
  readonly listener: Listener;
}

/** The fake engine's API on a unix socket, for clients that are programs of their own. */
export async function servedEngine(): Promise<ServedEngine> {
  const engine = fakeEngine();
  const api = createApi(engine);
  const path = join(await mkdtemp(join(tmpdir(), 'drydock-api-')), 'docker.sock');
  const listener = await listen({ kind: 'unix', path }, (connection) => serve(connection, api, { transport: 'unix' }));
  return { engine, path, listener };
}
