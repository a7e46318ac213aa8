import { humanDuration } from '../../../grammar/units.ts';
import type { Health } from '../health/health.ts';
import type { ContainerState } from '../state.ts';

/** container/state.go String: "Up 3 minutes", "Exited (0) 2 seconds ago". @param now nanoseconds since the epoch */
export function describeStatus(state: ContainerState, now: bigint, health: Health | null = null): string {
  const since = (time: string): string => humanDuration(Math.max(0, (Number(now / 1_000_000n) - Date.parse(time)) / 1000));
  switch (state.status) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${since(state.startedAt)}${describeHealth(health)}`;
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'dead':
      return 'Dead';
  }
}

function describeHealth(health: Health | null): string {
  if (health === null) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}
