import { toDisposable, type Disposable } from '../base/disposable.ts';
import type { CliSession } from './session.ts';
import { sigint, sigterm } from './signals.ts';

/** How signals ended a command. */
export interface Interruption {
  readonly status: number;
  /** For stderr, as it is. */
  readonly message: string;
}

/** SIGINT and SIGTERM end the command with 128 + signal; while a command handles signals itself, the third of them ends it all the same. */
export interface Interrupt extends Disposable {
  readonly ended: Promise<Interruption>;
  /** Signals go to the command until disposed. */
  takeOver(listener: (signal: number) => void): Disposable;
}

const patience = 3;

export function watchInterrupt(session: CliSession): Interrupt {
  let handler: ((signal: number) => void) | null = null;
  let count = 0;
  let end: (how: Interruption) => void = () => undefined;
  const ended = new Promise<Interruption>((resolve) => {
    end = resolve;
  });
  const subscription = session.onSignal((signal) => {
    const terminates = signal === sigint || signal === sigterm;
    if (terminates) count++;
    if (terminates && handler === null) end({ status: 128 + signal, message: '' });
    else if (terminates && count === patience) end({ status: 1, message: `\ngot ${patience} SIGTERM/SIGINTs, forcefully exiting\n` });
    else handler?.(signal);
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
