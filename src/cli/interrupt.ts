import { toDisposable, type Disposable } from '../base/disposable.ts';
import type { CliSession } from './session.ts';
import { isTermination, SIGHUP, SIGPIPE, SIGQUIT } from '../grammar/signals.ts';

/** How signals ended a command. */
export interface Interruption {
  readonly status: number;
  /** For stderr, as it is. */
  readonly message: string;
}

/** @returns whether that was all that had to be done; false: the signal does what it does without a handler */
export type SignalListener = (signal: number) => boolean;

/**
 * SIGHUP, SIGINT, SIGTERM, SIGQUIT and SIGPIPE end the command as they end a Go program; others do nothing. While a command handles
 * signals itself, the third SIGINT or SIGTERM ends it all the same.
 */
export interface Interrupt extends Disposable {
  readonly ended: Promise<Interruption>;
  /** Done before the command is said to have ended, unless disposed by then. It must not hang. */
  beforeEnd(work: () => Promise<void>): Disposable;
  /** Signals go to the command until disposed. */
  takeOver(listener: SignalListener): Disposable;
}

const patience = 3;

export function watchInterrupt(session: CliSession): Interrupt {
  let handler: SignalListener | null = null;
  let count = 0;
  let end: (how: Interruption) => void = () => undefined;
  const before = new Set<() => Promise<void>>();
  const ended = new Promise<Interruption>((resolve) => {
    end = resolve;
  }).then(async (how) => {
    for (const work of before) await work().catch(() => undefined);
    return how;
  });
  const subscription = session.onSignal((signal) => {
    if (isTermination(signal)) count++;
    if (handler !== null && isTermination(signal) && count === patience)
      end({ status: 1, message: `\ngot ${patience} SIGTERM/SIGINTs, forcefully exiting\n` });
    else if (handler?.(signal) !== true) {
      const how = defaultEnd(signal);
      if (how !== null) end(how);
    }
  });
  return {
    ended,
    beforeEnd(work) {
      before.add(work);
      return toDisposable(() => before.delete(work));
    },
    takeOver(listener) {
      handler = listener;
      return toDisposable(() => {
        if (handler === listener) handler = null;
      });
    },
    dispose: () => subscription.dispose(),
  };
}

/** os/signal, "Default behavior of signals in Go programs" */
function defaultEnd(signal: number): Interruption | null {
  if (signal === SIGQUIT) return { status: 2, message: 'SIGQUIT: quit\n' };
  return isTermination(signal) || signal === SIGHUP || signal === SIGPIPE ? { status: 128 + signal, message: '' } : null;
}
