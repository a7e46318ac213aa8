import { utf8 } from '../base/bytes.ts';
import type { EngineClient } from './client/engine-client.ts';
import type { Interrupt } from './interrupt.ts';
import type { ByteSink } from '../base/streams.ts';
import type { CliSession } from './session.ts';

/** What a command works with. */
export interface CliContext {
  readonly session: CliSession;
  readonly client: EngineClient;
  readonly interrupt: Interrupt;
  /** The session is over: nobody waits for what still runs. */
  readonly signal: AbortSignal;
  /** Text to stdout, as it is. */
  out(text: string): Promise<void>;
  /** Text to stderr, as it is. */
  err(text: string): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export function createContext(session: CliSession, client: EngineClient, interrupt: Interrupt): CliContext {
  return {
    session,
    signal: client.signal,
    client,
    interrupt,
    out: (text) => write(session.stdout.sink, text),
    err: (text) => write(session.stderr.sink, text),
    now: () => Date.now(),
  };
}

/** Characters written at once: the reader says when there is room for more. */
const piece = 64 * 1024;

async function write(sink: ByteSink, text: string): Promise<void> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + piece, text.length);
    // Not between the two halves of one character.
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    await sink.write(utf8(text.slice(at, end)));
    at = end;
  }
}
