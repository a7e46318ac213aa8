/**
 * The playground as the page sees it: what the worker answers over comlink and what Node gives in the same process.
 *
 * Calls return values; streams are message ports. How they cross is in `bridge.ts`; both ends `keepErrorsWhole`, so that an error keeps its kind and detail.
 */
import { AppError, errorKinds, toAppError, type ErrorKind } from '../base/errors.ts';
import type { EngineWatch } from './engine-feed.ts';
import type { MessagePortLike } from './port-stream.ts';

/** What boot is doing, in order. `fetch`: an asset is loaded; `restore`: the start state goes into the emulator; `start`: the guest wakes and its agent says hello. */
export type BootStage = 'fetch' | 'restore' | 'start' | 'ready';

export interface BootProgress {
  readonly stage: BootStage;
  /** The file being loaded, relative to the base URL; empty outside of `fetch`. */
  readonly label: string;
  /** Bytes, over all assets that boot needs. */
  readonly loaded: number;
  /** Bytes; 0 when not known. */
  readonly total: number;
}

export interface BootOptions {
  /** Absolute URL of the folder that holds `guest/` and `images/`, with a slash at the end. */
  readonly baseUrl: string;
  readonly memoryMegabytes: number;
}

/**
 * Why boot failed, in `detail.reason` of the AppError it rejects with:
 * `asset_missing` and `asset_damaged` (with `detail.url`, and `detail.status` when a server answered, 0 when nobody did, absent when the browser does not tell),
 * `no_webassembly`, `no_memory`, `guest` (the guest did not start).
 */
export const bootFailureReasons = ['asset_missing', 'asset_damaged', 'no_webassembly', 'no_memory', 'guest'] as const;
export type BootFailureReason = (typeof bootFailureReasons)[number];

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface OpenedTerminal {
  readonly id: number;
  /** The pty's bytes both ways, as `duplexOverPort` (port-stream.ts) speaks them. Its source ends when the terminal's shell exits or the guest is reset. */
  readonly port: MessagePortLike;
}

export interface ExecResult {
  /** 0-255; 128 + n when signal n ended the shell. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What a path is resolved in. `guest`: the Docker host itself. `container`: name, id or id prefix; its file system as `docker cp` sees it, running or not.
 * `process`: the root directory of a pid of the guest.
 * In a `container` that runs and in a `process`, a path below `/proc/self/` is that of the container's init or of the process, and `/proc/sys/kernel/hostname`
 * reads as it does for it.
 */
export type GuestTarget =
  | { readonly kind: 'guest' }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'process'; readonly pid: number };

/** `stat` is of the entry itself (lstat). */
export interface GuestQuery {
  readonly target: GuestTarget;
  readonly op: 'read' | 'readlink' | 'stat' | 'list';
  /** Absolute. */
  readonly path: string;
}

export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';
  /** Permission bits, 0-0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly inode: number;
  readonly device: { readonly major: number; readonly minor: number };
  /** Of a device node; 0:0 otherwise. */
  readonly rdev: { readonly major: number; readonly minor: number };
  /** Nanoseconds since the epoch, decimal. */
  readonly modifiedNano: string;
}

/** The answer to one query; a missing file or container is an answer (`not_found`), not a rejected call. `read` gives at most `guestReadLimit` bytes, decoded as UTF-8. */
export type GuestAnswer =
  | { readonly ok: true; readonly op: 'read'; readonly text: string; readonly truncated: boolean }
  | { readonly ok: true; readonly op: 'readlink'; readonly target: string }
  | { readonly ok: true; readonly op: 'stat'; readonly stat: FileStat }
  | { readonly ok: true; readonly op: 'list'; readonly names: readonly string[] }
  | { readonly ok: false; readonly op: GuestQuery['op']; readonly kind: ErrorKind; readonly message: string };

/** Fits a frame of the agent's protocol with room for its headers. */
export const guestReadLimit = 60 * 1024;

export interface PlaygroundLifecycle {
  /**
   * Loads the assets, restores the guest and resolves when a terminal can be opened. Once.
   * @throws AppError with a `BootFailureReason` in `detail.reason`
   */
  boot(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<void>;
  /**
   * Guest and engine as they were right after boot. Terminals end, running lines reject with `cancelled`, watches stay and are told everything anew, and sequences go on
   * rising. Resolves to the log's last sequence when a terminal can be opened again.
   */
  reset(): Promise<number>;
}

/** Shells of the guest on ptys. */
export interface PlaygroundTerminals {
  /** A new shell on a new pty. */
  open(size: TerminalSize): Promise<OpenedTerminal>;
  /** TIOCSWINSZ. Nothing happens for a terminal that has ended. */
  resize(id: number, size: TerminalSize): Promise<void>;
  /** Hangs up: the shell gets SIGHUP. Idempotent. */
  close(id: number): Promise<void>;
}

/** Lines run by the guest's shell without a terminal. */
export interface PlaygroundLines {
  /**
   * @param id chosen by the caller, for `abort`; two runs may not share one at the same time
   * @throws AppError `cancelled` when aborted, `exhausted` when either stream passes 16 MiB
   */
  run(line: string, options: { readonly id: string }): Promise<ExecResult>;
  /** Hangs up what the run started (SIGHUP). Nothing happens for an id that is not running. */
  abort(id: string): Promise<void>;
}

/** Files of the guest and of its containers. */
export interface PlaygroundFiles {
  /** Answers in the order of the queries. */
  inspect(queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]>;
  /** Puts files into the guest, making parent directories; existing ones are replaced. For a tutorial's seed. */
  write(files: readonly GuestFile[]): Promise<void>;
}

/** Path and query of a request, and what goes with it. */
export interface PortRequest {
  readonly method: string;
  /** Path and query, beginning with a slash, encoded. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface PortAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Its bytes, as `duplexOverPort` (port-stream.ts) speaks them, this way only; who cancels it ends the connection. null: there is no body. */
  readonly port: MessagePortLike | null;
}

/** Ports of the guest: those that containers publish, and its own. */
export interface PlaygroundPorts {
  /**
   * One HTTP request to a port of 127.0.0.1 in the guest; redirects are answers.
   * @param id chosen by the caller, for `abort`; two requests may not share one at the same time
   * @throws AppError `unavailable` where nobody listens or the connection ends; `invalid` where what listens is no HTTP server; `cancelled`
   */
  request(port: number, request: PortRequest, options: { readonly id: string }): Promise<PortAnswer>;
  /** Ends the connection of a request, also while its body is read. Nothing happens for one that is over. */
  abort(id: string): Promise<void>;
}

/** The network outside of the guest. */
export interface PlaygroundOutside {
  /**
   * @param options.relay address of a wisp relay that all TCP goes over, also over resets; '': none, and plain HTTP alone goes out
   * @throws AppError `invalid` for what is no relay's address
   */
  use(options: { readonly relay: string }): Promise<void>;
}

/** What happens: the engine's state and the log that goes with it. */
export interface PlaygroundLog extends EngineWatch {
  /**
   * While wanted, every program executed in the guest becomes an `exec` entry of the log (proc connector). It costs the guest a few reads of /proc
   * for each exec, so it is asked for by who looks; over a reset it stays as it is.
   */
  watchExecs(wanted: boolean): Promise<void>;
}

/** Groups of calls, each resolving to plain data or to something with a message port in it (`bridge.ts`). */
export interface Playground {
  readonly lifecycle: PlaygroundLifecycle;
  readonly terminals: PlaygroundTerminals;
  readonly lines: PlaygroundLines;
  readonly files: PlaygroundFiles;
  readonly ports: PlaygroundPorts;
  readonly outside: PlaygroundOutside;
  readonly log: PlaygroundLog;
}

export interface GuestFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** An AppError as it crosses a port. */
export interface WireError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  readonly stack?: string;
}

export function errorToWire(thrown: unknown): WireError {
  const { kind, message, detail, stack } = toAppError(thrown);
  return { kind, message, detail, ...(stack === undefined ? {} : { stack }) };
}

export function errorFromWire(wire: WireError): AppError {
  const kind = errorKinds.includes(wire.kind) ? wire.kind : 'internal';
  const error = new AppError(kind, wire.message, { detail: wire.detail });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** The shape of comlink's TransferHandler for thrown values: `{ value }` is what was thrown. */
interface ThrowHandler {
  canHandle(value: unknown): value is { readonly value: unknown };
  serialize(thrown: { readonly value: unknown }): [WireError, []];
  deserialize(wire: WireError): never;
}

/** Comlink's `transferHandlers`, as far as needed here. */
interface TransferHandlers {
  get(name: string): { canHandle(value: unknown): boolean } | undefined;
  set(name: string, handler: ThrowHandler): unknown;
}

/** Replaces comlink's handler of what is thrown, which keeps name, message and stack only. For both ends. */
export function keepErrorsWhole(handlers: TransferHandlers): void {
  const thrown = handlers.get('throw');
  if (thrown === undefined) throw new AppError('internal', 'comlink has no handler for what is thrown');
  handlers.set('throw', {
    canHandle: (value): value is { readonly value: unknown } => thrown.canHandle(value),
    serialize: ({ value }) => [errorToWire(value), []],
    deserialize: (wire) => {
      throw errorFromWire(wire);
    },
  });
}
