import { AppError, toAppError } from '../../base/errors.ts';
import type { EngineMirror } from '../../protocol/engine-mirror.ts';
import { bootFailureReasons, type BootProgress, type Playground } from '../../protocol/playground.ts';
import type { Connection } from '../shell/connect.ts';

export type FailureReason = (typeof bootFailureReasons)[number] | 'worker';

export interface Failure {
  readonly reason: FailureReason;
  readonly error: AppError;
}

export type MachinePhase =
  | { readonly phase: 'booting'; readonly progress: BootProgress }
  | { readonly phase: 'ready' }
  | { readonly phase: 'resetting' }
  | { readonly phase: 'failed'; readonly failure: Failure };

/** The memory that the start state was made with (`guest/manifest.json`); the two must agree. */
export const memoryMegabytes = 256;

/** A machine behind the page: its phase, and the door to it. */
export class Machine {
  phase: MachinePhase = $state.raw({ phase: 'booting', progress: { stage: 'fetch', label: '', loaded: 0, total: 0 } });
  readonly playground: Playground;
  readonly #mirror: EngineMirror;
  /** Resolves when a terminal can be opened; rejects with the AppError that stopped the boot. */
  readonly booted: Promise<void>;
  /** Resolves when the machine is of no use any more: it did not boot, broke, or did not come back from a reset. */
  readonly failed: Promise<AppError>;
  #tellFailed: (error: AppError) => void = () => undefined;

  /** @param mirror is ready when the machine is */
  constructor(connection: Connection, baseUrl: string, mirror: EngineMirror) {
    this.playground = connection.playground;
    this.#mirror = mirror;
    this.failed = new Promise((resolve) => (this.#tellFailed = resolve));
    void connection.crashed.then((error) => this.#fail(error, 'worker'));
    this.booted = Promise.race([this.#boot(baseUrl), rejecting(this.failed)]);
    this.booted.catch(() => undefined);
  }

  async #boot(baseUrl: string): Promise<void> {
    try {
      if (typeof WebAssembly === 'undefined')
        throw new AppError('unavailable', 'WebAssembly is missing', { detail: { reason: 'no_webassembly' } });
      await this.playground.lifecycle.boot({ baseUrl, memoryMegabytes }, (progress) => {
        if (this.phase.phase === 'booting') this.phase = { phase: 'booting', progress };
      });
      await this.#mirror.start();
      if (this.phase.phase === 'booting') this.phase = { phase: 'ready' };
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#fail(error, 'guest');
      throw error;
    }
  }

  #fail(error: AppError, otherwise: FailureReason): void {
    if (this.phase.phase === 'failed') return;
    this.phase = { phase: 'failed', failure: { reason: reasonOf(error) ?? otherwise, error } };
    this.#tellFailed(error);
  }

  /** Guest and engine as right after boot; terminals must be opened again. @throws AppError */
  async reset(): Promise<number> {
    this.phase = { phase: 'resetting' };
    try {
      const sequence = await this.playground.lifecycle.reset();
      await this.#mirror.sync();
      if (this.phase.phase === 'resetting') this.phase = { phase: 'ready' };
      return sequence;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#fail(error, 'guest');
      throw error;
    }
  }
}

async function rejecting(failed: Promise<AppError>): Promise<never> {
  throw await failed;
}

function reasonOf(error: AppError): FailureReason | undefined {
  return bootFailureReasons.find((reason) => reason === error.detail.reason);
}
