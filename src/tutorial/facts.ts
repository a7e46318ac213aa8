import type { ContainerInspect, ImageSummary, Network } from '../protocol/engine-api.ts';
import type { LogEntry } from '../protocol/log.ts';
import type { ExecResult, GuestAnswer, GuestFile, GuestQuery } from '../protocol/playground.ts';

/** The engine's state at one moment and the log position it belongs to. */
export interface EngineSnapshot {
  readonly sequence: number;
  readonly containers: readonly ContainerInspect[];
  readonly images: readonly ImageSummary[];
  readonly networks: readonly Network[];
}

/** Where facts come from. A Playground is one. */
export interface FactSource {
  snapshot(): Promise<EngineSnapshot>;
  /** Log entries with sequence > after, oldest first. */
  logSince(after: number): Promise<readonly LogEntry[]>;
  /** Entries as they come, in order, from sequence > after on. Resolves to what `unsubscribeLog` takes. */
  subscribeLog(after: number, listener: (entries: readonly LogEntry[]) => void): Promise<number>;
  unsubscribeLog(subscription: number): Promise<void>;
  /** Answers in the order of the queries; what is missing is an answer, not a rejection. */
  inspectGuest(queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]>;
  /** Whether programs executed in the guest become entries of the log. */
  watchExecs(wanted: boolean): Promise<void>;
}

/** What a tutorial does to the guest apart from typing. A Playground is one. */
export interface Bench {
  /** Removes what the learner made. Resolves to the log's last sequence. */
  reset(): Promise<number>;
  writeFiles(files: readonly GuestFile[]): Promise<void>;
  /** A line run by the guest's shell without a terminal; for setup. Rejects `cancelled` when the guest is reset. */
  exec(command: string, options: { readonly id: string }): Promise<ExecResult>;
}
