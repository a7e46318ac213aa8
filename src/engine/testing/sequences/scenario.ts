import { AppError, toAppError } from '../../../base/errors.ts';
import type { Source } from '../../source.ts';
import { Replay } from './replay.ts';
import type { SavedHost, ScenarioHost, Subject } from './subject.ts';

/** A client that waits for something of a container, and whether it got it. */
export interface Client {
  readonly kind: 'wait next-exit' | 'wait not-running' | 'wait removed' | 'attach' | 'logs' | 'exec';
  /** The container's ID. */
  readonly container: string;
  /** Position of the log when it began. */
  readonly since: number;
  /** The container's status then. */
  readonly status: string;
  /** Of an exec. */
  readonly exec?: string;
  ended: boolean;
  /** It left by itself. */
  left: boolean;
  leave(): void;
}

/** What is known of the host at the moment of a save. */
interface Saved {
  readonly host: SavedHost;
  readonly replay: Replay;
  readonly execs: ReadonlyMap<string, string>;
}

/** As many as are kept; the oldest go. */
const savesKept = 3;

/** One sequence of operations: the host it runs on and every client that is still waiting. */
export class Scenario {
  readonly names = ['ann', 'bob', 'cat'] as const;
  replay = new Replay();
  clients: Client[] = [];
  /** IDs of execs that were made, with their container's. */
  execs = new Map<string, string>();
  readonly #saves: Saved[] = [];
  /** A failure was asked for and may have struck something since. */
  spoiled = false;

  /** @param tally how often each operation came to what, over many sequences: "start ok" */
  constructor(
    readonly host: ScenarioHost,
    readonly tally: Map<string, number> = new Map(),
  ) {}

  count(verb: string, outcome: string): void {
    const key = `${verb} ${outcome}`;
    this.tally.set(key, (this.tally.get(key) ?? 0) + 1);
  }

  get subject(): Subject {
    return this.host.subject;
  }

  /** null where there is none. */
  async look(name: string): Promise<{ readonly id: string; readonly status: string; readonly program: string } | null> {
    try {
      const { Id, State, Config } = await this.subject.containers.inspect(name, { size: false });
      return { id: Id, status: State.Status, program: Config.Labels?.['program'] ?? '' };
    } catch (thrown) {
      if (toAppError(thrown).kind === 'not_found') return null;
      throw thrown;
    }
  }

  join(
    client: Pick<Client, 'kind' | 'container' | 'status'> & { readonly exec?: string },
    over: Promise<unknown>,
    leave: () => void,
  ): void {
    const joined: Client = {
      ...client,
      since: this.subject.log.last,
      ended: false,
      left: false,
      leave() {
        joined.left = true;
        leave();
      },
    };
    const end = (): void => void (joined.ended = true);
    over.then(end, end);
    this.clients.push(joined);
  }

  async save(): Promise<void> {
    const host = await this.host.save();
    const replay = this.replay.clone();
    replay.take(host.entries);
    this.#saves.push({ host, replay, execs: new Map(this.execs) });
    while (this.#saves.length > savesKept) this.#saves.shift()?.host.dispose();
  }

  /** @param back 0: to this moment; 1: to the last save, and so on; to the oldest where there are not so many */
  async restore(back: number, how: 'kept' | 'lost'): Promise<void> {
    if (back === 0 || this.#saves.length === 0) await this.save();
    const saved = this.#saves.at(back === 0 ? -1 : Math.max(-back, -this.#saves.length));
    if (saved === undefined) return;
    const { epoch } = this.subject.log;
    await saved.host.restore(how);
    // Who waited of the engine before is gone with it.
    this.clients = [];
    this.execs = new Map(saved.execs);
    this.replay = saved.replay.clone();
    if (how === 'lost') this.replay.allEnded();
    if (this.subject.log.epoch <= epoch) this.replay.contradictions.push('the log of a restored engine is none of its own');
  }

  forgetSaves(): void {
    for (const { host } of this.#saves.splice(0)) host.dispose();
  }
}

/** Resolves at the end of the source; what comes is thrown away. */
export async function readToEnd(source: Source<unknown>): Promise<void> {
  while ((await source.read()) !== null);
}

/** The kind of what an operation was refused with; `ok` when it was not. */
export async function outcomeOf(operation: Promise<unknown>): Promise<string> {
  try {
    await operation;
    return 'ok';
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.kind;
    throw thrown;
  }
}
