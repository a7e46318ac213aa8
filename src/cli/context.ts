import { utf8 } from '../base/bytes.ts';
import type { EngineClient } from './client/engine-client.ts';
import type { Contexts } from './contexts/contexts.ts';
import type { Interrupt } from './interrupt.ts';
import { WriteError } from './errors.ts';
import { goQuote } from '../grammar/go-quote.ts';
import { rfc3339 } from '../grammar/time.ts';
import type { ByteSink } from '../base/streams.ts';
import type { CliSession } from './session.ts';

/** What a command works with. */
export interface CliContext {
  readonly session: CliSession;
  readonly client: EngineClient;
  /** Engines by name, and which of them `client` asks. */
  readonly contexts: Contexts;
  readonly interrupt: Interrupt;
  /** The session is over: nobody waits for what still runs. */
  readonly signal: AbortSignal;
  /** Text to stdout, as it is. Like Docker's client it does not look whether it could be written. */
  out(text: string): Promise<void>;
  /** The same, of the few commands where Docker's client does look. Rejects with WriteError. */
  print(text: string): Promise<void>;
  /** Text to stderr, as it is; what cannot be written is lost. */
  err(text: string): Promise<void>;
  /** A line of the client's own log, on stderr. */
  logError(message: string): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export type Parts = Pick<CliContext, 'session' | 'client' | 'contexts' | 'interrupt'>;

export function createContext({ session, client, contexts, interrupt }: Parts): CliContext {
  const err = (text: string): Promise<void> => write(session.stderr.sink, text).catch(ignoreWriteError);
  return {
    session,
    signal: client.signal,
    client,
    contexts,
    interrupt,
    out: (text) => write(session.stdout.sink, text).catch(ignoreWriteError),
    print: (text) => write(session.stdout.sink, text),
    err,
    logError: (message) => err(`time="${rfc3339(Math.floor(Date.now() / 1000))}" level=error msg=${goQuote(message)}\n`),
    now: () => Date.now(),
  };
}

function ignoreWriteError(thrown: unknown): void {
  if (!(thrown instanceof WriteError)) throw thrown;
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
