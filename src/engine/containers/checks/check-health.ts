import { AppError } from '../../../base/errors.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';

/** Nanoseconds. */
const shortest = 1_000_000;

/** daemon/container.go, validateHealthCheck; what a test says is looked at when it runs. @throws AppError invalid, in Docker's words */
export function checkHealth({ Healthcheck: health }: ContainerConfig): void {
  if (health === undefined) return;
  const refuse = (what: string, why: string): AppError => new AppError('invalid', `${what} in Healthcheck cannot be ${why}`);
  const checkTime = (name: 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'): void => {
    const time = health[name] ?? 0;
    if (time !== 0 && time < shortest) throw refuse(name, 'less than 1ms');
  };
  checkTime('Interval');
  checkTime('Timeout');
  if ((health.Retries ?? 0) < 0) throw refuse('Retries', 'negative');
  checkTime('StartPeriod');
  checkTime('StartInterval');
}
