import type { EngineState } from '../protocol/engine-feed.ts';
import type { EngineMirror } from '../protocol/engine-mirror.ts';
import type { LogEntry } from '../protocol/log.ts';
import type { ExecResult, GuestAnswer, GuestFile, GuestQuery, Playground } from '../protocol/playground.ts';
import { hostClock, type Clock } from './clock.ts';
import { probePort, type ProbeAnswer, type ProbeRequest } from './probe.ts';

export type EngineSnapshot = EngineState;

/** Where facts come from: an engine mirror and a playground's answers about files. */
export interface FactSource {
  /** As told so far, which is at least as new as every log entry that was told. */
  snapshot(): Promise<EngineSnapshot>;
  /** With everything in it that happened before the call. */
  sync(): Promise<EngineSnapshot>;
  /** Log entries with sequence > after, oldest first. */
  logSince(after: number): Promise<readonly LogEntry[]>;
  /**
   * Entries as they are told, in order, from sequence > after on. Resolves to what `unsubscribeLog` takes.
   * @param listener also gets a position when the engine was restored: what it was told beyond that never happened
   */
  subscribeLog(after: number, listener: (entries: readonly LogEntry[], rewoundTo?: number) => void): Promise<number>;
  unsubscribeLog(subscription: number): Promise<void>;
  /** Answers in the order of the queries; what is missing is an answer, not a rejection. */
  inspectGuest(queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]>;
  /** An HTTP request to a port of the Docker host, published or its own. That nobody answers is an answer. */
  probe(request: ProbeRequest): Promise<ProbeAnswer>;
  /** Whether programs executed in the guest become entries of the log. */
  watchExecs(wanted: boolean): Promise<void>;
}

/** What a mirror knows, and a playground's answers. */
export function factsOf(
  mirror: EngineMirror,
  { files, log, ports }: Pick<Playground, 'files' | 'log' | 'ports'>,
  clock: Clock = hostClock,
): FactSource {
  return {
    snapshot: () => mirror.snapshot(),
    sync: () => mirror.sync(),
    logSince: (after) => mirror.logSince(after),
    subscribeLog: (after, listener) => mirror.subscribeLog(after, listener),
    unsubscribeLog: (subscription) => mirror.unsubscribeLog(subscription),
    inspectGuest: (queries) => files.inspect(queries),
    probe: (request) => probePort(ports, clock, request),
    watchExecs: (wanted) => log.watchExecs(wanted),
  };
}

/** What a tutorial does to the guest apart from typing. */
export interface GuestActions {
  /** Removes what the learner made. Resolves to the log's last sequence. */
  reset(): Promise<number>;
  writeFiles(files: readonly GuestFile[]): Promise<void>;
  /** A line run by the guest's shell without a terminal; for setup. Rejects `cancelled` when the guest is reset. */
  exec(command: string, options: { readonly id: string }): Promise<ExecResult>;
}
