import type { ExecConfig } from '../../protocol/engine-api.ts';
import type { RunningProcess } from '../runtime.ts';
import type { ProcessStreams } from './process-streams.ts';

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
}
