import type { ExecResult } from './playground.ts';
import type { EngineEventEntry } from './log.ts';
import type { StepState } from './tutorial.ts';

/** A step of a tutorial changed its state. */
export interface StepEvent {
  readonly tutorial: string;
  readonly step: string;
  readonly state: StepState;
}

/**
 * What `on` can listen to. `event`: every Docker event. `container`, `image`, `network`, `volume`, `daemon`: Docker events of that type. `step`: the
 * open tutorial. `terminal`: bytes that the visible terminal received, decoded. `state`: the playground itself: `ready` at the first prompt, `booting` and
 * `ready` again around a reset, `failed` when it is of no use any more.
 */
export interface PageEvents {
  readonly event: EngineEventEntry;
  readonly container: EngineEventEntry;
  readonly image: EngineEventEntry;
  readonly network: EngineEventEntry;
  readonly volume: EngineEventEntry;
  readonly daemon: EngineEventEntry;
  readonly builder: EngineEventEntry;
  readonly step: StepEvent;
  readonly terminal: string;
  readonly state: 'booting' | 'ready' | 'failed';
}

/** As fetch's RequestInit: `body` may be whatever that takes. */
export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ArrayBuffer | null;
  readonly signal?: AbortSignal | null;
}

/** A Response of the browser's: this, and all else that one has. */
export interface PageResponse {
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * `window.drydock`: the page API, for tests and for pages of the same origin that embed this one. Every argument and result but `signal` and listeners
 * can be cloned, so that it can be handed on by postMessage.
 */
export interface PageApi {
  /** Resolves when the first terminal shows a prompt; rejects with the AppError that stopped the boot. */
  readonly ready: Promise<void>;
  /**
   * A line run by the guest's shell, as the terminal would, without being one.
   * @throws AppError `cancelled` when the signal aborts
   */
  exec(command: string, options?: { readonly signal?: AbortSignal }): Promise<ExecResult>;
  /** Keys into the visible terminal, as a keyboard would send them: `\r` is Enter, `\x03` is Ctrl-C. */
  type(text: string): void;
  /**
   * A request to a port that a container publishes (or the guest's own), as the browser's fetch makes it: the answer's body comes as it is read. Redirects are
   * answers like others. The Response cannot be cloned: an embedding page has to take what it needs of it.
   * @param path "/path?query" @throws AppError `unavailable` where nobody listens, `invalid` where what listens is no HTTP server, `cancelled` when the signal aborts
   */
  fetch(port: number, path: string, init?: PageRequest): Promise<PageResponse>;
  /** Returns a function that stops listening. */
  on<E extends keyof PageEvents>(event: E, listener: (value: PageEvents[E]) => void): () => void;
}
