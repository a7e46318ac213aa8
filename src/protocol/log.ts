import type { Transport } from './http.ts';

/** The append-only, sequenced log of what happened: tutorial checks, the x-ray view and `docker events` all read it. */
export type LogEntry = EngineEventEntry | ApiRequestEntry | ApiRequestClosedEntry | ExecEntry;

interface Stamped {
  /** 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** Nanoseconds since the epoch, as a decimal string (JSON has no 64-bit integers). */
  readonly timeNano: string;
}

/** A Docker event (GET /events): Type, Action, Actor. */
export interface EngineEventEntry extends Stamped {
  readonly kind: 'event';
  readonly type: 'container' | 'image' | 'network' | 'volume' | 'daemon';
  readonly action: string;
  readonly actor: { readonly id: string; readonly attributes: Readonly<Record<string, string>> };
  /** More than Docker's attributes, for checks: { autoRemove, tty, openStdin, exitCode, oomKilled … }. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface ApiRequestEntry extends Stamped {
  readonly kind: 'request';
  readonly transport: Transport;
  readonly method: string;
  /** Path without the version prefix. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  /** For 4xx and 5xx. */
  readonly message?: string;
}

/** A streaming answer (logs follow, attach, events) ended. */
export interface ApiRequestClosedEntry extends Stamped {
  readonly kind: 'request-closed';
  readonly request: number;
  readonly by: 'client' | 'server';
}

/** A program was executed in the guest (proc connector). */
export interface ExecEntry extends Stamped {
  readonly kind: 'exec';
  readonly pid: number;
  readonly argv: readonly string[];
  readonly tty: boolean;
  readonly namespaces: Readonly<Record<string, string>>;
}

type Unstamped<T> = T extends unknown ? Omit<T, 'sequence' | 'timeNano'> : never;
export type NewLogEntry = Unstamped<LogEntry>;

/** Implemented in engine/events; api and worker append through it. */
export interface EventLog {
  append(entry: NewLogEntry): LogEntry;
  /** Entries with sequence > after, oldest first. @param most of them, all unless given */
  since(after: number, most?: number): readonly LogEntry[];
  readonly last: number;
  onAppend(listener: (entry: LogEntry) => void): { dispose(): void };
}
