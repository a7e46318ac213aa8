/**
 * What whoever watches the engine is told: what changed since it was last told, many changes in one, with the log that goes with it.
 * `engine-mirror.ts` puts it together again.
 */
import type { ContainerInspect, ImageSummary, Network, Volume } from './engine-api.ts';
import type { LogEntry } from './log.ts';

/** The engine's state at one moment, with the log position it belongs to: it is at least as new. Bodies as the Engine API gives them. */
export interface EngineState {
  readonly sequence: number;
  /** GET /containers/{id}/json of every container, stopped ones too; newest first. */
  readonly containers: readonly ContainerInspect[];
  /** GET /images/json */
  readonly images: readonly ImageSummary[];
  /** GET /networks */
  readonly networks: readonly Network[];
  /** GET /volumes, by name. */
  readonly volumes: readonly Volume[];
}

export interface EngineDelta {
  /** The log's (LogPosition). A later one than before: the engine's past is another one (a restored machine), and this delta tells everything. */
  readonly epoch: number;
  /** The log position that what follows goes on from. With a new epoch it may lie before what was told already: that never happened. */
  readonly after: number;
  /** The log's position now; the state told here is at least as new. */
  readonly sequence: number;
  /** With sequence > after, oldest first. The engine's log is bounded, so the oldest of many may be missing. */
  readonly entries: readonly LogEntry[];
  readonly containers: Changes<ContainerInspect>;
  readonly networks: Changes<Network>;
  /** All of them; null: as before. */
  readonly images: readonly ImageSummary[] | null;
  /** As images. */
  readonly volumes: readonly Volume[] | null;
}

export interface Changes<T> {
  /** `changed` are all there are, in their order. Otherwise those that came or changed, in the order in which they came. */
  readonly whole: boolean;
  readonly changed: readonly T[];
  /** IDs; some may never have been told of. */
  readonly gone: readonly string[];
}

/** The worker's side of a watch. A Playground has one. */
export interface EngineWatch {
  /**
   * Calls back with deltas: at once with everything and the log from sequence > after on, then as things change. The next one is not told before the
   * listener's promise is over, and changes gather meanwhile; a listener that throws or rejects is dropped.
   * Resolves to a number for the other two.
   */
  watch(after: number, listener: (delta: EngineDelta) => void | Promise<void>): Promise<number>;
  /** Tells what is still to be told now. Resolves when the listener has been told everything that happened before the call. @throws AppError `not_found` */
  sync(watch: number): Promise<void>;
  unwatch(watch: number): Promise<void>;
}
