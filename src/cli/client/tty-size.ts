import { toDisposable, type Disposable } from '../../base/disposable.ts';
import type { CliContext } from '../context.ts';
import type { TerminalSize } from '../session.ts';

/** Tells the tty inside how large the terminal outside is, now and whenever that changes. @param path `/containers/ID` or `/exec/ID` */
export function followTerminalSize(context: CliContext, path: string): Disposable {
  const { terminal } = context.session;
  if (terminal === null) return toDisposable(() => undefined);
  const resize = (size: TerminalSize): void => {
    if (size.rows === 0 && size.columns === 0) return;
    // The process may be gone by now; its end is reported elsewhere.
    context.client.call('POST', `${path}/resize`, { query: { h: String(size.rows), w: String(size.columns) } }).catch(() => undefined);
  };
  resize(terminal.size());
  return terminal.onResize(resize);
}

/** Rows and columns of the caller's terminal, as the API takes them. */
export function consoleSizeOf(context: CliContext): readonly [number, number] {
  const { terminal, stdout } = context.session;
  const size = stdout.isTty ? terminal?.size() : undefined;
  return [size?.rows ?? 0, size?.columns ?? 0];
}
