import type { Event } from '../../src/base/events.ts';
import type { GuestActions, Clock, FactSource, TutorialTerminal } from '../../src/tutorial/index.ts';

/** A playground that tutorials are tried in: a guest with an engine, its terminals, and its time. */
export interface Lab {
  readonly facts: FactSource;
  /** `reset` removes whatever was made and ends the terminals. */
  readonly guest: GuestActions;
  readonly clock: Clock;
  /** Machine and engine of a moment, to begin from again; absent where nothing can be kept. */
  readonly moments?: {
    /** Keeps this moment under a name, in place of the one kept before. Terminals go on. */
    keep(name: string): Promise<void>;
    /** Back to the moment of that name; terminals end. Resolves to false, with nothing changed, when another one is kept. */
    goBack(name: string): Promise<boolean>;
  };
  /** A pty with a shell of the guest, from 1 on; a new one when its shell has ended. */
  terminal(index: number): TutorialTerminal;
  /** Lets so much of the clock's time pass. Only for durations that a tutorial or a trial states. @param milliseconds */
  letPass(milliseconds: number): Promise<void>;
  /** Something was printed in a terminal, or the engine told of something. */
  readonly onStir: Event<void>;
  /** Milliseconds without a stir, by this process's clock, after which a trial gives up waiting. */
  readonly patience: number;
  dispose(): Promise<void>;
}
