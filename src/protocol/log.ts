import type { Transport } from './http.ts';

/** The append-only, sequenced log of what happened: tutorial checks, the x-ray view and `docker events` all read it. */
export type LogEntry = EngineEventEntry | ApiRequestEntry | ApiRequestClosedEntry | ExecEntry | TroubleEntry | DnsEntry | OutsideEntry;

interface Stamped {
  /** 1, 2, 3 … without gaps. */
  readonly sequence: number;
  /** Nanoseconds since the epoch, as a decimal string (JSON has no 64-bit integers). */
  readonly timeNano: string;
}

/** A Docker event (GET /events): Type, Action, Actor. */
export interface EngineEventEntry extends Stamped {
  readonly kind: 'event';
  readonly type: 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder';
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

/**
 * What was answered before it was done went wrong: the files of a removed container could not be removed; or a file of the guest's tools could not be
 * loaded, which its reader saw as an input/output error. It is tried again, and is told of once more
 * when it went well (`over`). No event of Docker's: /events leaves it out.
 */
export interface TroubleEntry extends Stamped {
  readonly kind: 'trouble';
  /** ID; '' for a tool. */
  readonly container: string;
  /** "remove /var/lib/… : device or resource busy" */
  readonly message: string;
  readonly over: boolean;
}

/** A container asked Docker's DNS (127.0.0.11) for a name; or the guest, or a container without a resolver of Docker's, the network outside: `container` is empty then. */
export interface DnsEntry extends Stamped {
  readonly kind: 'dns';
  readonly container: { readonly id: string; readonly name: string };
  /** As it was asked for, without the last dot; bytes that are no plain letters as in zone files ("\195"). */
  readonly name: string;
  /** "A", "PTR", "TYPE65" */
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** "NOERROR", "NXDOMAIN", "SERVFAIL" */
  readonly code: string;
  /** Addresses, or a name. */
  readonly records: readonly string[];
}

/** A connection that left the guest, once it is over; or a request that was answered in the host's place. No event of Docker's. */
export interface OutsideEntry extends Stamped {
  readonly kind: 'outside';
  /** Who connected; null: the guest itself, or a container in its network, or one that is gone. */
  readonly container: { readonly id: string; readonly name: string } | null;
  /** null: it went to an address. */
  readonly name: string | null;
  /** Dotted, as the guest saw it. */
  readonly address: string;
  readonly port: number;
  /** 'host': in the app; 'direct': a connection of this machine's; 'fetch': the browser's; 'relay': over a wisp relay; null: nobody. */
  readonly by: 'host' | 'direct' | 'fetch' | 'relay' | null;
  readonly request?: { readonly method: string; readonly target: string; readonly status: number };
  /** Bytes of the connection, by the guest and to it. */
  readonly sent: number;
  readonly received: number;
  /** Why it was refused, or what broke it. */
  readonly problem: string | null;
}

type Unstamped<T> = T extends unknown ? Omit<T, 'sequence' | 'timeNano'> : never;
export type NewLogEntry = Unstamped<LogEntry>;

/**
 * A place in the log. Restoring a checkpoint takes the log back, and what then happens has sequences that were given before: from there on it is another
 * epoch. Sequences are compared within one epoch only; whoever holds a place of another one holds nothing of this course and begins anew.
 */
export interface LogPosition {
  /** Milliseconds since the Unix epoch at which this course began, or a little more: no two courses have the same, later ones are higher. */
  readonly epoch: number;
  /** Of the last entry seen; 0 is before the first. */
  readonly sequence: number;
}

/** What a follower of the log is told. The first batch of an epoch, which may be empty, begins with the oldest entry kept: it replaces all he has of others. */
export interface LogBatch {
  readonly epoch: number;
  /** In order, none twice. */
  readonly entries: readonly LogEntry[];
}

/** Implemented in engine/events; api and worker append through it. */
export interface EventLog {
  append(entry: NewLogEntry): LogEntry;
  /** Entries of this epoch with sequence > after, oldest first. @param most of them, all unless given */
  since(after: number, most?: number): readonly LogEntry[];
  /** Sequence of the newest entry. */
  readonly last: number;
  /** See LogPosition. */
  readonly epoch: number;
  onAppend(listener: (entry: LogEntry) => void): { dispose(): void };
  /** Another epoch has begun: entries and `last` are those of a checkpoint. */
  onRestore(listener: () => void): { dispose(): void };
}
