import type { ExecConfig } from '../../../protocol/engine-api.ts';
import type { RunningProcess } from '../../runtime.ts';
import type { ProcessStreams } from '../streams/process-streams.ts';

export type ExecState =
  | { readonly status: 'created' | 'starting' }
  | { readonly status: 'running'; readonly process: RunningProcess }
  | { readonly status: 'exited'; readonly exitCode: number; readonly pid: number };

/** One `docker exec`: made, started once, kept until its container goes. */
export interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly config: ExecConfig;
  readonly streams: ProcessStreams;
  state: ExecState;
  /** Resolves once a start has run or failed: who resizes it early waits for that. */
  readonly begun: Deferred;
}

/** A promise and what settles it. */
export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export function createDeferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
