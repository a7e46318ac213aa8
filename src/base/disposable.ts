/** Something held that must be given back once. `dispose` is idempotent and never throws. */
export interface Disposable {
  dispose(): void;
}

export function toDisposable(release: () => void): Disposable {
  let held = true;
  return {
    dispose() {
      if (!held) return;
      held = false;
      release();
    },
  };
}

/** Owns disposables and releases them in reverse order; what is added after disposal is released at once. */
export class DisposableStore implements Disposable {
  #items: Disposable[] | null = [];

  add<T extends Disposable>(item: T): T {
    if (this.#items === null) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    const items = this.#items;
    this.#items = null;
    for (const item of items?.reverse() ?? []) item.dispose();
  }
}
