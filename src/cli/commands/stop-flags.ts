import type { Query } from '../client/engine-client.ts';
import type { FlagSet } from '../flags/flag-set.ts';
import { full } from '../flags/support.ts';

/** The flags of `stop` and `restart`. @returns what they say, once they are parsed */
export function declareStopFlags(flags: FlagSet): () => Query {
  const signal = flags.string('signal', 's', 'Signal to send to the container', full);
  const timeout = flags.int('timeout', 't', 'Seconds to wait before killing the container', full);
  flags.alias('time', 'timeout', 'use --timeout instead');
  return () => ({ signal: signal.value || undefined, t: timeout.changed ? String(timeout.value) : undefined });
}
