import { jsonText } from '../../base/json-text.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { EngineDelta } from '../../protocol/engine-feed.ts';
import type { EventLog, LogEntry } from '../../protocol/log.ts';
import { isRestless, readState, type ReadState, type StateBackend } from './read-state.ts';
import { Touched } from './touched.ts';

/** The engine that is followed. */
export interface FeedSource {
  readonly log: EventLog;
  readonly backend: StateBackend;
}

/** Calls back once after so many milliseconds, unless disposed of. */
export type Later = (milliseconds: number, call: () => void) => Disposable;

/** Milliseconds in which changes gather before they are told: less than a person sees. */
export const gathering = 60;
/** Milliseconds between looks at containers whose next change no event tells. */
export const lookAgain = 250;

export interface FollowerOptions {
  readonly source: FeedSource;
  readonly after: number;
  readonly listener: (delta: EngineDelta) => void | Promise<void>;
  readonly later: Later;
  /** The listener failed: it is told nothing more. */
  readonly onLost: () => void;
}

/** One who watches. At most one delta is on its way to it; meanwhile only what was touched is kept, and the log keeps itself. */
export class Follower implements Disposable {
  readonly #options: FollowerOptions;
  #source: FeedSource;
  #told: number;
  #touched = new Touched(true);
  /** Restless ones, as last told. */
  #restless = new Map<string, string>();
  #telling: Promise<void> | null = null;
  #timer: Disposable | null = null;
  #lookTimer: Disposable | null = null;
  #open = true;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#source = options.source;
    this.#told = options.after;
  }

  see(entry: LogEntry): void {
    this.#touched.add(entry);
    this.#gather();
  }

  /** Another engine, or the same one at an earlier time. */
  follow(source: FeedSource): void {
    this.#source = source;
    this.#told = Math.min(this.#told, source.log.last);
    this.#touched = new Touched(true);
    this.#restless.clear();
    this.#gather();
  }

  /** Resolves when everything that happened before the call is told; rejects with why the engine cannot be read. */
  async sync(): Promise<void> {
    if (this.#telling !== null) await this.#telling.catch(() => undefined);
    for (const id of this.#restless.keys()) this.#touched.addContainer(id);
    await this.#tell();
  }

  dispose(): void {
    this.#open = false;
    this.#timer?.dispose();
    this.#lookTimer?.dispose();
  }

  #gather(): void {
    if (!this.#open || this.#timer !== null || this.#telling !== null) return;
    this.#timer = this.#options.later(gathering, () => {
      this.#timer = null;
      this.#tell().catch(() => undefined);
    });
  }

  /** One at a time; what comes to be during it is gathered for the next. */
  #tell(): Promise<void> {
    this.#timer?.dispose();
    this.#timer = null;
    this.#telling ??= this.#tellOnce().then(
      () => {
        this.#telling = null;
        if (this.#isBehind) this.#gather();
      },
      (error: unknown) => {
        // An engine that cannot be read is asked again when something happens or somebody wants to know.
        this.#telling = null;
        throw error;
      },
    );
    return this.#telling;
  }

  get #isBehind(): boolean {
    return !this.#touched.nothing || this.#source.log.last > this.#told;
  }

  async #tellOnce(): Promise<void> {
    if (!this.#open || !this.#isBehind) return;
    const source = this.#source;
    const { backend, log } = source;
    const { epoch } = log;
    const touched = this.#touched;
    // Before the state is read: it is to be at least as new.
    const told = { epoch, after: this.#told, sequence: log.last, entries: log.since(this.#told) };
    this.#touched = new Touched();
    const state = await readState(backend, touched).catch((error: unknown) => {
      this.#touched = new Touched(true);
      throw error;
    });
    // The engine is another one by now, and all of it is still to be told.
    if (source !== this.#source || epoch !== log.epoch) return this.#tellOnce();
    this.#told = told.sequence;
    const news = { ...state, containers: this.#watchRestless(state.containers) };
    if (told.entries.length === 0 && tellsNothing(news)) return;
    try {
      await this.#options.listener({ ...told, ...news });
    } catch {
      this.dispose();
      this.#options.onLost();
    }
  }

  /** Looks at restless ones again later, and leaves out those that were told of as they are. */
  #watchRestless(containers: ReadState['containers']): ReadState['containers'] {
    const before = this.#restless;
    const now = new Map(containers.changed.filter(isRestless).map((one) => [one.Id, jsonText(one)]));
    const seen = new Set([...containers.changed.map(({ Id }) => Id), ...containers.gone]);
    this.#restless = containers.whole ? now : new Map([...[...before].filter(([id]) => !seen.has(id)), ...now]);
    if (this.#restless.size > 0) this.#lookLater();
    if (containers.whole) return containers;
    const isNews = ({ Id }: ContainerInspect): boolean => !before.has(Id) || before.get(Id) !== now.get(Id);
    return { ...containers, changed: containers.changed.filter(isNews) };
  }

  #lookLater(): void {
    this.#lookTimer?.dispose();
    this.#lookTimer = this.#options.later(lookAgain, () => {
      this.#lookTimer = null;
      for (const id of this.#restless.keys()) this.#touched.addContainer(id);
      if (!this.#touched.nothing) this.#gather();
    });
  }
}

function tellsNothing({ containers, networks, images, volumes }: ReadState): boolean {
  const isQuiet = ({ whole, changed, gone }: ReadState['containers'] | ReadState['networks']): boolean =>
    !whole && changed.length === 0 && gone.length === 0;
  return images === null && volumes === null && isQuiet(containers) && isQuiet(networks);
}
