import { AppError } from '../../../base/errors.ts';
import type { Clock } from '../../clock.ts';
import type { Container } from '../container.ts';
import { lost } from './exit-code.ts';

/** The machine it ran on is gone, or another's now: nobody must go on waiting, reading, or start it again; the guest is left alone. */
export function abandonContainer(clock: Pick<Clock, 'now'>, container: Container, why: string): void {
  void Promise.allSettled(container.publication?.listeners.map((close) => close()) ?? []);
  container.waitingStart?.abort(new AppError('unavailable', why));
  container.background.end();
  container.followed.end();
  container.streams.end();
  for (const { streams } of container.execs.values()) streams.end();
  container.logs.close(clock.now());
  container.waiters.removed({ exitCode: lost, error: why });
}
