import type { ExecResult } from './playground.ts';
import type { EngineEventEntry } from './log.ts';
import type { StepState } from './tutorial.ts';

/** A step of a tutorial changed its state. */
export interface StepEvent {
  readonly tutorial: string;
  readonly step: string;
  readonly state: StepState;
}

/**
 * What `on` can listen to. `event`: every Docker event. `container`, `image`, `network`, `volume`, `daemon`: Docker events of that type. `step`: the
 * open tutorial. `terminal`: bytes that the visible terminal received, decoded. `state`: the playground itself: `ready` at the first prompt, `booting` and
 * `ready` again around a reset, `failed` when it is of no use any more.
 */
export interface PageEvents {
  readonly event: EngineEventEntry;
  readonly container: EngineEventEntry;
  readonly image: EngineEventEntry;
  readonly network: EngineEventEntry;
  readonly volume: EngineEventEntry;
  readonly daemon: EngineEventEntry;
  readonly step: StepEvent;
  readonly terminal: string;
  readonly state: 'booting' | 'ready' | 'failed';
}

/**
 * `window.drydock`: the page API for embedding and for tests. An embedding page gets the same object by postMessage, so every argument and result but
 * `signal` and listeners can be cloned.
 */
export interface PageApi {
  /** Resolves when the first terminal shows a prompt; rejects with the AppError that stopped the boot. */
  readonly ready: Promise<void>;
  /**
   * A line run by the guest's shell, as the terminal would, without being one.
   * @throws AppError `cancelled` when the signal aborts
   */
  exec(command: string, options?: { readonly signal?: AbortSignal }): Promise<ExecResult>;
  /** Keys into the visible terminal, as a keyboard would send them: `\r` is Enter, `\x03` is Ctrl-C. */
  type(text: string): void;
  /** Returns a function that stops listening. */
  on<E extends keyof PageEvents>(event: E, listener: (value: PageEvents[E]) => void): () => void;
}
