import { AppError } from '../../base/errors.ts';

/** What is known of the run before; times are RFC 3339, Go's zero time for never. */
interface Past {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why the last start or removal failed. */
  readonly error: string;
}

/** github.com/moby/moby container/state.go, as a union: no two flags that may contradict each other. */
export type ContainerState =
  | ({ readonly status: 'created' } & Past)
  | ({ readonly status: 'running'; readonly pid: number } & Past)
  | ({ readonly status: 'paused'; readonly pid: number } & Past)
  | ({ readonly status: 'restarting' } & Past)
  | ({ readonly status: 'exited' } & Past)
  | ({ readonly status: 'removing' } & Past)
  | ({ readonly status: 'dead' } & Past);

export type ContainerMove =
  | { readonly move: 'start'; readonly pid: number; readonly at: string }
  | { readonly move: 'fail'; readonly exitCode: number; readonly error: string }
  | { readonly move: 'pause' }
  | { readonly move: 'unpause' }
  | { readonly move: 'oom' }
  | { readonly move: 'exit'; readonly exitCode: number; readonly oomKilled: boolean; readonly at: string; readonly restart: boolean }
  /** A restart that was waited for will not happen. */
  | { readonly move: 'give-up' }
  | { readonly move: 'remove' }
  | { readonly move: 'remove-failed'; readonly error: string };

export const never = '0001-01-01T00:00:00Z';

export const createdState: ContainerState = {
  status: 'created',
  startedAt: never,
  finishedAt: never,
  exitCode: 0,
  oomKilled: false,
  error: '',
};

export function isRunning(state: ContainerState): state is Extract<ContainerState, { status: 'running' | 'paused' }> {
  return state.status === 'running' || state.status === 'paused';
}

/** Docker's Running flag: a container that is about to restart counts as running. */
export function isActive(state: ContainerState): boolean {
  return isRunning(state) || state.status === 'restarting';
}

/**
 * The only way from one state to the next.
 * @throws AppError conflict with `detail.from` and `detail.move`; the message is Docker's, `id` is the container's full ID
 */
export function transition(state: ContainerState, move: ContainerMove, id: string): ContainerState {
  const { startedAt, finishedAt, exitCode, oomKilled, error } = state;
  const past: Past = { startedAt, finishedAt, exitCode, oomKilled, error };
  switch (move.move) {
    case 'start':
      if (!isOneOf(state, ['created', 'exited', 'restarting'])) throw illegal(state, move, id);
      return { ...past, status: 'running', pid: move.pid, startedAt: move.at, exitCode: 0, oomKilled: false, error: '' };
    case 'fail':
      if (!isOneOf(state, ['created', 'exited', 'restarting'])) throw illegal(state, move, id);
      return { ...past, status: state.status === 'created' ? 'created' : 'exited', exitCode: move.exitCode, error: move.error };
    case 'pause':
      if (state.status !== 'running') throw illegal(state, move, id);
      return { ...state, status: 'paused' };
    case 'unpause':
      if (state.status !== 'paused') throw illegal(state, move, id);
      return { ...state, status: 'running' };
    case 'oom':
      if (!isRunning(state)) throw illegal(state, move, id);
      return { ...state, oomKilled: true };
    case 'exit':
      if (!isRunning(state)) throw illegal(state, move, id);
      return {
        ...past,
        status: move.restart ? 'restarting' : 'exited',
        finishedAt: move.at,
        exitCode: move.exitCode,
        oomKilled: move.oomKilled,
      };
    case 'give-up':
      if (state.status !== 'restarting') throw illegal(state, move, id);
      return { ...past, status: 'exited' };
    case 'remove':
      if (!isOneOf(state, ['created', 'exited', 'dead'])) throw illegal(state, move, id);
      return { ...past, status: 'removing' };
    case 'remove-failed':
      if (state.status !== 'removing') throw illegal(state, move, id);
      return { ...past, status: 'dead', error: move.error };
  }
}

function isOneOf(state: ContainerState, statuses: readonly ContainerState['status'][]): boolean {
  return statuses.includes(state.status);
}

function illegal(state: ContainerState, move: ContainerMove, id: string): AppError {
  return new AppError('conflict', illegalMessage(state, move, id), { detail: { from: state.status, move: move.move } });
}

/** Docker's words where it has any (daemon/pause.go, unpause.go, start.go, delete.go). */
function illegalMessage(state: ContainerState, { move }: ContainerMove, id: string): string {
  switch (move) {
    case 'pause':
      if (state.status === 'paused') return `Container ${id} is already paused`;
      if (state.status === 'restarting') return isRestarting(id);
      return `container ${id} is not running`;
    case 'unpause':
      return `Container ${id} is not paused`;
    case 'start':
    case 'fail':
      if (state.status === 'paused') return 'cannot start a paused container, try unpause instead';
      if (state.status === 'running') return `container ${id} is already running`;
      return 'container is marked for removal and cannot be started';
    case 'remove':
      if (state.status === 'removing') return `removal of container ${id} is already in progress`;
      if (state.status === 'paused') return 'container is paused and must be unpaused first';
      return `container is ${state.status}: stop the container before removing or force remove`;
    case 'exit':
    case 'oom':
    case 'give-up':
    case 'remove-failed':
      return `container ${id} is ${state.status}`;
  }
}

export function isRestarting(id: string): string {
  return `Container ${id} is restarting, wait until the container is running`;
}

/** conflict, in the words of Docker's errNotRunning. */
export function notRunning(id: string): AppError {
  return new AppError('conflict', `container ${id} is not running`);
}
