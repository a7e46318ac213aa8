import { serve } from '../../api/http1.ts';
import { listen, parseHost } from './listen.ts';
import { createNodePlayground, type NodePlaygroundOptions } from './playground.ts';
import type { LocalPlayground } from '../playground.ts';

export interface EngineOptions extends NodePlaygroundOptions {
  /** unix:///path or tcp://127.0.0.1:PORT (0: any free port). */
  readonly host: string;
  /** 127.0.0.1 unless given: who can reach the port can use what listens in the container. */
  readonly publishOn?: string | undefined;
}

export interface RunningEngine {
  /** For DOCKER_HOST. */
  readonly address: string;
  readonly playground: LocalPlayground;
  stop(): Promise<void>;
}

/** The engine without a page: real Docker clients drive it over a socket. */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const address = parseHost(options.host);
  const playground = await createNodePlayground({ ...options, clientsOutside: true, publishOn: options.publishOn ?? '127.0.0.1' });
  const transport = address.kind;
  const listener = await listen(address, (connection) => serve(connection, playground.host.api, { transport }));
  return {
    address: listener.address,
    playground,
    async stop() {
      await listener.close();
      await playground.dispose();
    },
  };
}
