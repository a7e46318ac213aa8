/**
 * Work that goes on by itself for somebody (a run that is followed, a wait for a restart, a stream of readings): registered where it is
 * born, over at the latest with its owner.
 */
export class Background {
  readonly #running = new Map<AbortController, string>();
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
    void work(control.signal).finally(() => this.#running.delete(control));
    return control;
  }

  /** Of the owner: what goes on ends, and what is still started ends at once. */
  end(): void {
    this.#ended = true;
    for (const control of [...this.#running.keys()]) control.abort();
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
