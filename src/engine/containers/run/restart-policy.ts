import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';

type RestartPolicy = HostConfig['RestartPolicy'];

const firstDelay = 100;
const longestDelay = 60_000;
/** A run of this many milliseconds makes the delay start over. */
const longRun = 10_000;

/** restartmanager/restartmanager.go. Milliseconds; 0 before the first restart. */
export function nextRestartDelay(previous: number, ranFor: number): number {
  if (previous === 0 || ranFor >= longRun) return firstDelay;
  return Math.min(previous * 2, longestDelay);
}

export interface RunOutcome {
  readonly exitCode: number;
  readonly restartCount: number;
  /** `docker stop`, or `docker kill` with a signal that ends it: never restarted by that run's end. */
  readonly cancelled: boolean;
}

export function shouldRestart(policy: RestartPolicy, { exitCode, restartCount, cancelled }: RunOutcome): boolean {
  if (cancelled) return false;
  switch (policy.Name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return exitCode !== 0 && (policy.MaximumRetryCount === 0 || restartCount < policy.MaximumRetryCount);
    default:
      return false;
  }
}

/** api/types/container/hostconfig.go, ValidateRestartPolicy. @throws AppError invalid */
export function checkRestartPolicy({ Name: name, MaximumRetryCount: count }: RestartPolicy): void {
  switch (name) {
    case 'always':
    case 'unless-stopped':
    case 'no':
    case '':
      if (count === 0) return;
      throw invalid(`maximum retry count can only be used with 'on-failure'${count < 0 ? ' and cannot be negative' : ''}`);
    case 'on-failure':
      if (count >= 0) return;
      throw invalid('maximum retry count cannot be negative');
    default:
      throw invalid(`unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
}

function invalid(why: string): AppError {
  return new AppError('invalid', `invalid restart policy: ${why}`);
}
