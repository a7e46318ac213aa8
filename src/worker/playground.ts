import type { ContentStorage } from '../engine/images/images.ts';
import type { StartSha256 } from '../engine/content/sha256.ts';
import { AppError, toAppError } from '../base/errors.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/events.ts';
import type { ByteSource } from '../base/streams.ts';
import type { EngineDelta } from '../protocol/engine-feed.ts';
import type { LogEntry } from '../protocol/log.ts';
import type {
  BootOptions,
  BootProgress,
  ExecResult,
  GuestAnswer,
  GuestFile,
  GuestQuery,
  OpenedTerminal,
  Playground,
  TerminalSize,
} from '../protocol/playground.ts';
import { duplexOverPort, type MessagePortLike } from '../protocol/port-stream.ts';
import { bootFailure, type GuestAssets } from './assets.ts';
import { EngineFeed } from './feed/engine-feed.ts';
import { answerQueries } from './guest-queries.ts';
import { startHost, type Host, type HostOptions } from './host.ts';
import { watchExecs } from '../guest/exec-log.ts';
import { Lines } from './lines.ts';
import { Terminals } from './terminals.ts';

/** What differs between a Web Worker and Node. */
export interface Platform {
  loadAssets(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<GuestAssets>;
  /** A file of the image layout, e.g. `index.json`, `blobs/sha256/…`. Rejects `not_found` or `unavailable`. */
  openImageFile(options: BootOptions, path: string, signal?: AbortSignal): Promise<ByteSource>;
  readonly sha256: StartSha256;
  /** Where images' contents lie; in memory unless there is another place. */
  openStorage?(): Promise<Storage>;
  createPorts(): readonly [MessagePortLike, MessagePortLike];
}

export interface Storage extends ContentStorage {
  dispose(): Promise<void>;
}

interface Booted {
  readonly options: BootOptions;
  readonly assets: GuestAssets;
  host: Host;
}

/** The playground: one guest with its engine, and what the page may ask of them. */
export class LocalPlayground implements Playground {
  readonly #platform: Platform;
  readonly #terminals = new Terminals();
  readonly #lines = new Lines();
  readonly #feed = new EngineFeed();
  readonly #broken = new Emitter<AppError>();
  /** The guest's kernel panicked or the emulator failed after boot: the guest is of no use any more. */
  readonly onBroken = this.#broken.event;
  #booting = false;
  #booted: Booted | null = null;
  #resetting: Promise<number> | null = null;
  #execs: Disposable | null = null;
  #storage: Storage | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async boot(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<void> {
    if (this.#booting || this.#booted !== null) throw new AppError('conflict', 'the playground is booted already');
    if (typeof WebAssembly === 'undefined') throw bootFailure('no_webassembly', 'This browser has no WebAssembly, or it is switched off.');
    this.#booting = true;
    try {
      const assets = await this.#platform.loadAssets(options, onProgress);
      const report = (stage: BootProgress['stage']): void => onProgress({ stage, label: '', loaded: 0, total: 0 });
      report('restore');
      this.#storage ??= (await this.#platform.openStorage?.()) ?? null;
      const host = await this.#start(options, assets, { onRestored: () => report('start') });
      this.#booted = { options, assets, host };
      this.#feed.follow(host);
      this.#watch(host);
      report('ready');
    } finally {
      this.#booting = false;
    }
  }

  /** For whoever runs in this process: the engine's API, the machine. */
  get host(): Host {
    return this.#need().host;
  }

  async openTerminal(size: TerminalSize): Promise<OpenedTerminal> {
    const [mine, port] = this.#platform.createPorts();
    const id = await this.#terminals.open(this.host.guest.processes, size, duplexOverPort(mine));
    return { id, port };
  }

  resizeTerminal(id: number, size: TerminalSize): Promise<void> {
    this.#terminals.resize(id, size);
    return Promise.resolve();
  }

  closeTerminal(id: number): Promise<void> {
    this.#terminals.close(id);
    return Promise.resolve();
  }

  exec(command: string, { id }: { readonly id: string }): Promise<ExecResult> {
    return this.#lines.run(this.host.guest.processes, command, id);
  }

  abortExec(id: string): Promise<void> {
    this.#lines.abort(id);
    return Promise.resolve();
  }

  logSince(after: number): Promise<readonly LogEntry[]> {
    return Promise.resolve(this.host.log.since(after));
  }

  watch(after: number, listener: (delta: EngineDelta) => void | Promise<void>): Promise<number> {
    return this.#feed.watch(after, listener);
  }

  sync(watch: number): Promise<void> {
    return this.#feed.sync(watch);
  }

  unwatch(watch: number): Promise<void> {
    return this.#feed.unwatch(watch);
  }

  inspectGuest(queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]> {
    return answerQueries(this.host, queries);
  }

  reset(): Promise<number> {
    this.#resetting ??= this.#reset(this.#need()).finally(() => (this.#resetting = null));
    return this.#resetting;
  }

  async #reset(booted: Booted): Promise<number> {
    this.#terminals.closeAll();
    this.#lines.abortAll();
    const { log } = booted.host;
    await booted.host.dispose();
    booted.host = await this.#start(booted.options, booted.assets, { log });
    this.#watch(booted.host);
    this.#feed.follow(booted.host);
    if (this.#execs !== null) await this.watchExecs(true);
    return booted.host.log.last;
  }

  watchExecs(wanted: boolean): Promise<void> {
    this.#execs?.dispose();
    const { guest, log } = this.host;
    this.#execs = wanted ? watchExecs(guest.channel, (entry) => log.append(entry)) : null;
    return Promise.resolve();
  }

  async writeFiles(files: readonly GuestFile[]): Promise<void> {
    await this.host.guest.files.write({ files: files.map(({ path, bytes, mode }) => ({ path, contents: bytes, mode })) });
  }

  async dispose(): Promise<void> {
    this.#terminals.closeAll();
    this.#lines.abortAll();
    this.#feed.dispose();
    this.#execs?.dispose();
    await this.#booted?.host.dispose();
    this.#booted = null;
    await this.#storage?.dispose();
    this.#storage = null;
  }

  #need(): Booted {
    if (this.#booted === null) throw new AppError('unavailable', 'the playground is not booted');
    return this.#booted;
  }

  #watch(host: Host): void {
    void host.machine.failed.then((error) => {
      if (this.#booted?.host === host) this.#broken.emit(error);
    });
  }

  async #start(options: BootOptions, assets: GuestAssets, more: Pick<HostOptions, 'log' | 'onRestored'>): Promise<Host> {
    try {
      return await startHost({
        ...assets,
        ...more,
        sha256: this.#platform.sha256,
        ...(this.#storage === null ? {} : { storage: this.#storage }),
        openImageFile: (...file) => this.#platform.openImageFile(options, ...file),
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
