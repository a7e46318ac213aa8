import { utf8 } from '../base/bytes.ts';
import type { EngineClient } from './client/engine-client.ts';
import type { Interrupt } from './interrupt.ts';
import type { CliSession } from './session.ts';

/** What a command works with. */
export interface CliContext {
  readonly session: CliSession;
  readonly client: EngineClient;
  readonly interrupt: Interrupt;
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
    client,
    interrupt,
    out: (text) => (text === '' ? Promise.resolve() : session.stdout.sink.write(utf8(text))),
    err: (text) => (text === '' ? Promise.resolve() : session.stderr.sink.write(utf8(text))),
    now: () => Date.now(),
  };
}
