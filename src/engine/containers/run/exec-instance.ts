import { createDeferred } from '../../../base/deferred.ts';
import { AppError } from '../../../base/errors.ts';
import type { ExecConfig } from '../../../protocol/engine-api.ts';
import type { RunningProcess } from '../../runtime.ts';
import type { ProcessStreams } from '../streams/process-streams.ts';

export type ExecState =
  | { readonly status: 'created' | 'starting' }
  | { readonly status: 'running'; readonly process: RunningProcess }
  | { readonly status: 'exited'; readonly exitCode: number; readonly pid: number };

export type ExecMove =
  | { readonly move: 'start' }
  | { readonly move: 'run'; readonly process: RunningProcess }
  /** Of its process, or of an attempt to start one: there is no PID then. */
  | { readonly move: 'exit'; readonly exitCode: number };

/**
 * The only way from one state of an exec to the next.
 * @throws AppError conflict, in Docker's words where a client can bring it about; `id` is the exec's
 */
export function execTransition(state: ExecState, move: ExecMove, id: string): ExecState {
  switch (move.move) {
    case 'start':
      if (state.status !== 'created') throw alreadyStarted(state, id);
      return { status: 'starting' };
    case 'run':
      if (state.status !== 'starting') throw illegal(state, move, id);
      return { status: 'running', process: move.process };
    case 'exit':
      if (state.status !== 'starting' && state.status !== 'running') throw illegal(state, move, id);
      return { status: 'exited', exitCode: move.exitCode, pid: state.status === 'running' ? state.process.pid : 0 };
  }
}

function alreadyStarted({ status }: ExecState, id: string): AppError {
  return new AppError('conflict', `exec command ${id} ${status === 'exited' ? 'has already run' : 'is already running'}`);
}

function illegal({ status }: ExecState, { move }: ExecMove, id: string): AppError {
  return new AppError('conflict', `exec command ${id} is ${status}`, { detail: { from: status, move } });
}

export interface ExecIdentity {
  readonly id: string;
  readonly containerId: string;
  readonly config: ExecConfig;
  readonly streams: ProcessStreams;
  /** A health check's. */
  readonly isProbe: boolean;
}

/** One `docker exec`: made, started once, kept until its container goes. */
export class Exec {
  readonly id: string;
  readonly containerId: string;
  readonly config: ExecConfig;
  readonly streams: ProcessStreams;
  readonly isProbe: boolean;
  /** Resolves once a start has run or failed: who resizes it early waits for that. */
  readonly begun = createDeferred();
  #state: ExecState;

  /** @param state another than the first after a restore */
  constructor({ id, containerId, config, streams, isProbe }: ExecIdentity, state: ExecState = { status: 'created' }) {
    this.id = id;
    this.containerId = containerId;
    this.config = config;
    this.streams = streams;
    this.isProbe = isProbe;
    this.#state = state;
    if (state.status !== 'created') this.begun.resolve();
  }

  get state(): ExecState {
    return this.#state;
  }

  /** @throws AppError conflict when the state does not allow it; nothing changed then */
  move(move: ExecMove): void {
    this.#state = execTransition(this.#state, move, this.id);
  }
}
