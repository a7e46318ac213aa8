import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../src/api/api.ts';
import { serve } from '../../src/api/http1.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { TestMachine } from '../../src/engine/testing/machine.ts';
import { listen, type Listener } from '../../src/worker/node/listen.ts';
import { testEngine } from './test-engine.ts';

export interface ServedEngine {
  readonly engine: Engine;
  readonly runtime: TestMachine;
  readonly path: string;
  readonly listener: Listener;
}

/** The engine's API on a unix socket, for clients that are programs of their own. */
export async function servedEngine(): Promise<ServedEngine> {
  const { engine, runtime } = testEngine();
  const api = createApi(engine, 'test');
  const path = join(await mkdtemp(join(tmpdir(), 'drydock-api-')), 'docker.sock');
  const listener = await listen({ kind: 'unix', path }, (connection) =>
    serve(connection, api, { transport: 'unix', probeMilliseconds: 20 }),
  );
  return { engine, runtime, path, listener };
}
