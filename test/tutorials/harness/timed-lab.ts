import { worldTime } from '../world-time.ts';
import type { Lab } from '../lab.ts';

/** Milliseconds that went into it, of the host's time. What is none of these is the looking at facts and the harness itself. */
export interface Spent {
  /** Fresh guests, and going back to a kept moment. */
  starting: number;
  /** Keeping a moment. */
  keeping: number;
  /** Letting time pass that a tutorial or a trial states. */
  waiting: number;
  /** From a line's first key to the prompt behind it. */
  typing: number;
}

/** The same lab, and how long it was used for what. */
export function timedLab(lab: Lab): { readonly lab: Lab; readonly spent: Spent } {
  const spent: Spent = { starting: 0, keeping: 0, waiting: 0, typing: 0 };
  async function timed<T>(what: keyof Spent, act: () => Promise<T>): Promise<T> {
    const start = worldTime.now();
    try {
      return await act();
    } finally {
      spent[what] += worldTime.now() - start;
    }
  }
  const { guest, moments } = lab;
  return {
    spent,
    lab: {
      ...lab,
      guest: { ...guest, reset: () => timed('starting', () => guest.reset()) },
      ...(moments === undefined
        ? {}
        : {
            moments: {
              keep: (name) => timed('keeping', () => moments.keep(name)),
              goBack: (name) => timed('starting', () => moments.goBack(name)),
            },
          }),
      terminal(index) {
        const terminal = lab.terminal(index);
        return {
          write: (keys) => timed('typing', () => terminal.write(keys)),
          untilPrompt: (signal) => timed('typing', () => terminal.untilPrompt(signal)),
        };
      },
      letPass: (milliseconds) => timed('waiting', () => lab.letPass(milliseconds)),
    },
  };
}
