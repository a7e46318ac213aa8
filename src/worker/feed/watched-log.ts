import type { Disposable } from '../../base/disposable.ts';
import { watchExecs } from '../../guest/exec-log.ts';
import type { GuestChannel } from '../../guest/channel.ts';
import type { PlaygroundLog } from '../../protocol/playground.ts';
import { EngineFeed } from './engine-feed.ts';
import type { FeedSource } from './follower.ts';

/** A host whose programs can be watched. */
export interface WatchedHost extends FeedSource {
  readonly guest: { readonly channel: GuestChannel };
}

/** The feed of the host that stands, with the programs of its guest while somebody wants them. */
export class WatchedLog extends EngineFeed implements PlaygroundLog {
  #host: WatchedHost | null = null;
  #execs: Disposable | null = null;
  #wanted = false;

  override follow(host: WatchedHost): void {
    this.#host = host;
    super.follow(host);
    this.#watchPrograms();
  }

  watchExecs(wanted: boolean): Promise<void> {
    this.#wanted = wanted;
    this.#watchPrograms();
    return Promise.resolve();
  }

  override dispose(): void {
    this.#wanted = false;
    this.#watchPrograms();
    super.dispose();
  }

  #watchPrograms(): void {
    this.#execs?.dispose();
    const host = this.#host;
    this.#execs = this.#wanted && host !== null ? watchExecs(host.guest.channel, (entry) => host.log.append(entry)) : null;
  }
}
