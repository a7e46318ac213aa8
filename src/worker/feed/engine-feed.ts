import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import type { EngineDelta, EngineWatch } from '../../protocol/engine-feed.ts';
import { Follower, type FeedSource, type Later } from './follower.ts';

const byTimer: Later = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return toDisposable(() => clearTimeout(timer));
};

/** Tells whoever watches what changes in the engine, whichever engine that is after a reset. */
export class EngineFeed implements EngineWatch, Disposable {
  readonly #followers = new Map<number, Follower>();
  readonly #later: Later;
  #source: FeedSource | null = null;
  #held: Disposable | null = null;
  #last = 0;

  constructor(later: Later = byTimer) {
    this.#later = later;
  }

  /** Another engine in place of the one before; followers are told everything anew. */
  follow(source: FeedSource): void {
    this.#held?.dispose();
    this.#source = source;
    const followAll = (): void => {
      for (const follower of this.#followers.values()) follower.follow(source);
    };
    const held = new DisposableStore();
    held.add(
      source.log.onAppend((entry) => {
        for (const follower of this.#followers.values()) follower.see(entry);
      }),
    );
    held.add(source.log.onRestore(followAll));
    this.#held = held;
    followAll();
  }

  async watch(after: number, listener: (delta: EngineDelta) => void | Promise<void>): Promise<number> {
    if (this.#source === null) throw new AppError('unavailable', 'the playground is not booted');
    this.#last += 1;
    const id = this.#last;
    const onLost = (): void => void this.#followers.delete(id);
    const follower = new Follower({ source: this.#source, after, listener, later: this.#later, onLost });
    this.#followers.set(id, follower);
    await follower.sync();
    return id;
  }

  async sync(watch: number): Promise<void> {
    const follower = this.#followers.get(watch);
    if (follower === undefined) throw new AppError('not_found', `nobody watches as ${watch}`);
    await follower.sync();
  }

  unwatch(watch: number): Promise<void> {
    this.#followers.get(watch)?.dispose();
    this.#followers.delete(watch);
    return Promise.resolve();
  }

  /** How many watch. */
  get watching(): number {
    return this.#followers.size;
  }

  dispose(): void {
    this.#held?.dispose();
    for (const follower of this.#followers.values()) follower.dispose();
    this.#followers.clear();
  }
}
