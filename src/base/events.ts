import { toDisposable, type Disposable } from './disposable.ts';

/** Subscribe with a listener, unsubscribe with the returned disposable. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The owner's side of an Event. A listener that throws stops neither the others nor the emitter. */
export class Emitter<T> implements Disposable {
  #listeners = new Set<(value: T) => void>();
  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return toDisposable(() => this.#listeners.delete(own));
  };

  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
