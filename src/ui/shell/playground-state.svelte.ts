import { AppError, toAppError } from '../../base/errors.ts';
import { bootFailureReasons, type BootProgress, type Playground, type PlaygroundSnapshot } from '../../protocol/playground.ts';
import type { Connection } from './connect.ts';

export type FailureReason = (typeof bootFailureReasons)[number] | 'worker';

export interface Failure {
  readonly reason: FailureReason;
  readonly error: AppError;
}

export type PlaygroundPhase =
  | { readonly phase: 'booting'; readonly progress: BootProgress }
  | { readonly phase: 'ready' }
  | { readonly phase: 'resetting' }
  | { readonly phase: 'failed'; readonly failure: Failure };

/** The memory that the start state was made with (`guest/manifest.json`); the two must agree. */
export const memoryMegabytes = 256;

/** The machine behind the page: its phase, how much runs in it, and the door to it. */
export class PlaygroundState {
  phase: PlaygroundPhase = $state.raw({ phase: 'booting', progress: { stage: 'fetch', label: '', loaded: 0, total: 0 } });
  snapshot: PlaygroundSnapshot | null = $state.raw(null);
  readonly running = $derived(this.snapshot?.containers.filter((container) => container.State.Running).length ?? 0);
  /** Goes up with every reset: terminals belong to one generation. */
  generation = $state(0);
  readonly playground: Playground;
  /** Resolves when a terminal can be opened; rejects with the AppError that stopped the boot. */
  readonly booted: Promise<void>;
  #refreshing = false;
  #stale = false;

  constructor(connection: Connection, baseUrl: string) {
    this.playground = connection.playground;
    const crashed = new Promise<never>((_resolve, reject) => {
      connection.onCrash((error) => {
        this.#fail({ reason: reasonOf(error) ?? 'worker', error });
        reject(error);
      });
    });
    crashed.catch(() => undefined);
    this.booted = Promise.race([this.#boot(baseUrl), crashed]);
    this.booted.catch(() => undefined);
  }

  async #boot(baseUrl: string): Promise<void> {
    try {
      if (typeof WebAssembly === 'undefined')
        throw new AppError('unavailable', 'WebAssembly is missing', { detail: { reason: 'no_webassembly' } });
      await this.playground.boot({ baseUrl, memoryMegabytes }, (progress) => {
        if (this.phase.phase === 'booting') this.phase = { phase: 'booting', progress };
      });
      await this.playground.subscribeLog(0, () => this.#refresh());
      if (this.phase.phase === 'booting') this.phase = { phase: 'ready' };
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#fail({ reason: reasonOf(error) ?? 'guest', error });
      throw error;
    }
  }

  #fail(failure: Failure): void {
    if (this.phase.phase !== 'failed') this.phase = { phase: 'failed', failure };
  }

  /** Guest and engine as right after boot; terminals must be opened again. @throws AppError */
  async reset(): Promise<number> {
    this.phase = { phase: 'resetting' };
    try {
      const sequence = await this.playground.reset();
      this.generation += 1;
      this.#refresh();
      return sequence;
    } finally {
      if (this.phase.phase === 'resetting') this.phase = { phase: 'ready' };
    }
  }

  #refresh(): void {
    this.#stale = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    void this.#readSnapshots();
  }

  async #readSnapshots(): Promise<void> {
    try {
      while (this.#stale) {
        this.#stale = false;
        this.snapshot = await this.playground.snapshot();
      }
    } catch {
      // The machine is gone or resetting; its phase says so, and the next log entry asks again.
    } finally {
      this.#refreshing = false;
    }
  }
}

function reasonOf(error: AppError): FailureReason | undefined {
  return bootFailureReasons.find((reason) => reason === error.detail.reason);
}
