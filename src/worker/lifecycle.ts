import { AppError, toAppError } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import type { BootOptions, BootProgress, PlaygroundLifecycle } from '../protocol/playground.ts';
import { Holds } from '../engine/content/holds.ts';
import { memoryStorage, type ContentStorage } from '../engine/images/images.ts';
import { bootFailure, type GuestAssets } from './assets.ts';
import { openCheckpoint, type Checkpoint, type HeldCheckpoint, type OpenedCheckpoint } from './checkpoint.ts';
import { startHost, type Host, type HostOptions } from './host.ts';
import type { Platform, Storage } from './platform.ts';

interface Booted {
  readonly options: BootOptions;
  readonly assets: GuestAssets;
  host: Host;
}

/** Boots the host, and begins again with another one: a fresh one, or one that goes on from a checkpoint. */
export class Lifecycle implements PlaygroundLifecycle {
  readonly #platform: Platform;
  readonly #started = new Emitter<Host>();
  /** A host stands: the first, or another one after a reset. */
  readonly onStarted = this.#started.event;
  readonly #ending = new Emitter<void>();
  /** The host is about to go. */
  readonly onEnding = this.#ending.event;
  readonly #broken = new Emitter<AppError>();
  /** The guest's kernel panicked or the emulator failed after boot: the guest is of no use any more. */
  readonly onBroken = this.#broken.event;
  #booting = false;
  #booted: Booted | null = null;
  #resetting: Promise<number> | null = null;
  #storage: Storage | null = null;
  /** Of checkpoints that can be gone back to. */
  readonly #holds = new Holds();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** @throws AppError `unavailable` before the boot */
  get host(): Host {
    return this.#need().host;
  }

  async boot(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<void> {
    if (this.#booting || this.#booted !== null) throw new AppError('conflict', 'the playground is booted already');
    if (typeof WebAssembly === 'undefined') throw bootFailure('no_webassembly', 'This browser has no WebAssembly, or it is switched off.');
    this.#booting = true;
    try {
      const assets = await this.#platform.loadAssets(options, onProgress);
      const report = (stage: BootProgress['stage']): void => onProgress({ stage, label: '', loaded: 0, total: 0 });
      report('restore');
      this.#storage ??= (await this.#platform.openStorage?.()) ?? { ...memoryStorage(), dispose: () => Promise.resolve() };
      const host = await this.#start(options, assets, { onRestored: () => report('start') });
      this.#booted = { options, assets, host };
      this.#stands(host);
      report('ready');
    } finally {
      this.#booting = false;
    }
  }

  reset(): Promise<number> {
    this.#resetting ??= this.#startAgain(this.#need()).finally(() => (this.#resetting = null));
    return this.#resetting;
  }

  /** The playground at this moment; it goes on. Dispose of it when nobody goes back to it any more. @throws AppError conflict, cancelled */
  checkpoint(signal?: AbortSignal): Promise<HeldCheckpoint> {
    return this.host.checkpoint(signal);
  }

  /**
   * Back to a checkpoint, with its log; terminals are closed. What cannot be restored is refused before anything changes.
   * @returns the log's position @throws AppError invalid for one of another version; not_found where contents are gone; conflict during a reset
   */
  async restore(checkpoint: Checkpoint): Promise<number> {
    const booted = this.#need();
    if (this.#resetting !== null) throw new AppError('conflict', 'the playground is being reset');
    this.#resetting = openCheckpoint(checkpoint, { ...booted.assets, sha256: this.#platform.sha256, storage: this.#contents() })
      .then((opened) => this.#startAgain(booted, opened))
      .finally(() => (this.#resetting = null));
    return this.#resetting;
  }

  async #startAgain(booted: Booted, checkpoint?: OpenedCheckpoint): Promise<number> {
    this.#ending.emit();
    const { log } = booted.host;
    await booted.host.dispose();
    booted.host = await this.#start(booted.options, booted.assets, { log, checkpoint });
    this.#stands(booted.host);
    return booted.host.log.last;
  }

  async dispose(): Promise<void> {
    this.#ending.emit();
    await this.#booted?.host.dispose();
    this.#booted = null;
    await this.#storage?.dispose();
    this.#storage = null;
  }

  #contents(): ContentStorage {
    const { blobs, tars } = this.#storage ?? memoryStorage();
    return { blobs, tars, holds: this.#holds };
  }

  #need(): Booted {
    if (this.#booted === null) throw new AppError('unavailable', 'the playground is not booted');
    return this.#booted;
  }

  #stands(host: Host): void {
    void host.machine.failed.then((error) => {
      if (this.#booted?.host === host) this.#broken.emit(error);
    });
    this.#started.emit(host);
  }

  async #start(options: BootOptions, assets: GuestAssets, more: Pick<HostOptions, 'log' | 'onRestored' | 'checkpoint'>): Promise<Host> {
    try {
      return await startHost({
        ...assets,
        ...more,
        sha256: this.#platform.sha256,
        publisher: this.#platform.publisher,
        outside: this.#platform.outside,
        storage: this.#contents(),
        share: this.#platform.share,
        clientsOutside: this.#platform.clientsOutside,
        dialLoopback: this.#platform.dialLoopback,
        openImageFile: (...file) => this.#platform.openImageFile(options, ...file),
        openToolFile: (path) => this.#platform.openToolFile(options, path),
      });
    } catch (thrown) {
      throw startFailure(thrown, assets.memoryMegabytes);
    }
  }
}

function startFailure(thrown: unknown, memoryMegabytes: number): AppError {
  const error = toAppError(thrown);
  if (error.kind === 'invalid') return bootFailure('asset_damaged', `The saved guest cannot be used: ${error.message}.`, {}, thrown);
  if (error.kind === 'exhausted' || error.cause instanceof RangeError)
    return bootFailure('no_memory', `There is not enough memory for a guest of ${memoryMegabytes} MB.`, {}, thrown);
  const { console = '' } = error.detail;
  return bootFailure('guest', `The guest did not start: ${error.message}`, { console: String(console) }, thrown);
}
