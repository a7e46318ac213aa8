import { toDisposable, type Disposable } from '../base/disposable.ts';
import type { CliSession } from './session.ts';
import { sigint, sigterm } from './signals.ts';

/** SIGINT and SIGTERM end the command with 128 + signal, except while a command handles signals itself. */
export interface Interrupt extends Disposable {
  /** Resolves to the signal that ends the command. */
  readonly ended: Promise<number>;
  /** Signals go to the command until disposed. */
  takeOver(listener: (signal: number) => void): Disposable;
}

export function watchInterrupt(session: CliSession): Interrupt {
  let handler: ((signal: number) => void) | null = null;
  let end: (signal: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const subscription = session.onSignal((signal) => {
    if (handler !== null) handler(signal);
    else if (signal === sigint || signal === sigterm) end(signal);
  });
  return {
    ended,
    takeOver(listener) {
      handler = listener;
      return toDisposable(() => {
        if (handler === listener) handler = null;
      });
    },
    dispose: () => subscription.dispose(),
  };
}
