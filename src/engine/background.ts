import { cancelled } from '../base/errors.ts';

/**
 * Work that goes on by itself for somebody (a run that is followed, a wait for a restart, a stream of readings): registered where it is
 * born, over at the latest with its owner.
 */
export class Background {
  readonly #running = new Map<AbortController, string>();
  readonly #works = new Set<Promise<void>>();
  #ended = false;

  /** What still goes on, by name. */
  get running(): string[] {
    return [...this.#running.values()];
  }

  /**
   * @param work never rejects; it ends soon after the signal
   * @returns calls it off
   */
  start(name: string, work: (signal: AbortSignal) => Promise<void>): AbortController {
    const control = new AbortController();
    if (this.#ended) control.abort();
    this.#running.set(control, name);
    const over = work(control.signal).finally(() => {
      this.#running.delete(control);
      this.#works.delete(over);
    });
    this.#works.add(over);
    return control;
  }

  /** What goes on ends; what is started from now on is none of it. */
  stop(): void {
    for (const [control, name] of [...this.#running]) control.abort(cancelled(`the ${name}`));
  }

  /** Of the owner: what goes on ends, and what is still started ends at once. */
  end(): void {
    this.#ended = true;
    this.stop();
  }

  /** Resolves when nothing goes on any more. */
  async over(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}

/** null as soon as the signal is there. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
