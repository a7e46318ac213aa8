import type { Duplex } from '../../base/streams.ts';

/** Where a connection was to go. */
export interface Destination {
  /** In lower case; null: by address. */
  readonly name: string | null;
  /** Dotted; one that stands for the name, where there is one. */
  readonly address: string;
  readonly port: number;
}

/** `unreachable`: nobody can say. */
export type NameStatus = 'found' | 'unknown' | 'unreachable';

/** An HTTP request that was answered in place of the host. */
export interface AnsweredRequest {
  readonly by: Served['by'];
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly status: number;
  /** Why it is an error of ours. */
  readonly problem: string | null;
}

/** How a connection was served, once it is over. */
export interface Served {
  /** 'host': in the app; 'direct': a connection of this machine's; 'fetch': the browser's; 'relay': over a wisp relay. */
  readonly by: 'host' | 'direct' | 'fetch' | 'relay';
}

/** One way out of the guest. They are asked in order. */
export interface OutsideWay {
  /** Of a name like "www.example.org". null: it is not for this one to say. */
  lookUp(name: string, signal: AbortSignal): Promise<NameStatus | null>;
  /**
   * Serves a connection until both sides have said all, reading no more than it can pass on. It rejects with why it was refused or broke.
   * @returns null where it is not for this one
   */
  serve(destination: Destination, connection: Duplex, told: (request: AnsweredRequest) => void): Promise<Served> | null;
}
