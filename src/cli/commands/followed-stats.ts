import { containerPath, DaemonError } from '../client/engine-client.ts';
import type { CliContext } from '../context.ts';
import { renderStats, type ContainerStats, type StatsFormat } from '../format/stats.ts';

interface Follower {
  /** Never rejects. */
  readonly ended: Promise<void>;
  readonly leaving: AbortController;
}

/** The live table of `docker stats`: a row a container, drawn anew whenever one of them has new figures. */
export class FollowedStats {
  /** Rejects when the table cannot be kept up: nobody reads it, or a container that must be there is not. */
  readonly failed: Promise<never>;
  readonly #context: CliContext;
  readonly #format: StatsFormat;
  readonly #mayVanish: boolean;
  readonly #rows = new Map<string, ContainerStats>();
  readonly #followers = new Map<string, Follower>();
  #fail: (error: unknown) => void = () => undefined;

  /** @param mayVanish a container that is gone keeps its row, without figures */
  constructor(context: CliContext, format: StatsFormat, mayVanish: boolean) {
    this.#context = context;
    this.#format = format;
    this.#mayVanish = mayVanish;
    this.failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  follow(name: string): void {
    if (this.#followers.has(name)) return;
    this.#rows.set(name, { container: name, latest: null });
    const leaving = new AbortController();
    const ended = this.#read(name, leaving.signal).catch((error: unknown) => {
      if (leaving.signal.aborted || (this.#mayVanish && error instanceof DaemonError)) return;
      this.#fail(error);
    });
    this.#followers.set(name, { ended, leaving });
  }

  async forget(name: string): Promise<void> {
    this.#rows.delete(name);
    this.#followers.get(name)?.leaving.abort();
    this.#followers.delete(name);
    await this.draw();
  }

  async untilAllEnd(): Promise<void> {
    await Promise.race([this.failed, Promise.all([...this.#followers.values()].map(({ ended }) => ended))]);
  }

  /** Home, every line erased to its end, then everything below. */
  async draw(): Promise<void> {
    const table = await renderStats([...this.#rows.values()], this.#format, this.#context.signal);
    const lines = table.split('\n');
    await this.#context.out(`\x1b[H${lines.map((line) => `${line} \x1b[K\n`).join('')}\x1b[J`);
  }

  async #read(name: string, signal: AbortSignal): Promise<void> {
    const stream = this.#context.client.jsonStream('GET', `${containerPath(name)}/stats`, { query: { stream: '1' }, signal });
    for await (const latest of stream) {
      if (signal.aborted) return;
      this.#rows.set(name, { container: name, latest });
      await this.draw();
    }
  }
}
