import { AppError } from '../../../base/errors.ts';
import type { Source } from '../../source.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import type { LogRecord } from '../log/log-chunk.ts';
import type { LogQuery } from '../log/log-store.ts';
import { isRunning } from '../state.ts';

export interface LogOptions extends LogQuery {
  readonly follow: boolean;
}

/** GET /containers/{id}/logs. With `follow` of a running container it ends with the run, or when `until` is past. */
export function readLogs(
  context: Needs<'store' | 'clock'>,
  reference: string,
  options: LogOptions,
): { readonly tty: boolean; readonly records: Source<readonly LogRecord[]> } {
  const container = context.store.find(reference);
  if (container.state.status === 'dead' || container.state.status === 'removing') {
    throw new AppError('conflict', 'can not get logs from container which is dead or marked for removal');
  }
  if (container.hostConfig.LogConfig.Type === 'none')
    throw new AppError('not_implemented', 'configured logging driver does not support reading');
  const { Tty: tty } = container.config;
  if (options.follow && isRunning(container.state)) return { tty, records: followUntil(context, container, options) };
  return { tty, records: container.logs.read(options) };
}

/** Ends a silent follower, too, when `until` comes. */
function followUntil({ clock }: Needs<'clock'>, container: Container, options: LogOptions): Source<readonly LogRecord[]> {
  const records = container.logs.follow(options);
  const { until } = options;
  if (until === undefined) return records;
  const milliseconds = Math.max(0, Number((until - clock.now()) / 1_000_000n));
  const timer = container.background.start('logs until', (signal) =>
    clock.after(milliseconds, signal).then(
      () => records.cancel(),
      () => undefined,
    ),
  );
  return {
    async read() {
      const record = await records.read();
      if (record === null) timer.abort();
      return record;
    },
    cancel() {
      timer.abort();
      records.cancel();
    },
  };
}
