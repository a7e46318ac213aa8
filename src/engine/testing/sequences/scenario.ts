import { AppError, toAppError } from '../../../base/errors.ts';
import type { Source } from '../../source.ts';
import { Replay } from './replay.ts';
import type { ScenarioHost, Subject } from './subject.ts';

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

/** One sequence of operations: the host it runs on and every client that is still waiting. */
export class Scenario {
  readonly names = ['ann', 'bob', 'cat'] as const;
  readonly replay = new Replay();
  clients: Client[] = [];
  /** IDs of execs that were made, with their container's. */
  readonly execs = new Map<string, string>();
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

  /** The engine they talked to is gone, and they with it. */
  forgetClients(): void {
    this.clients = [];
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
