import type { Disposable } from '../../base/disposable.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { FactSource } from '../facts.ts';

/** Entries kept of a step that floods the log; no check counts so far. The engine's own log is bounded in bytes. */
const mostEntries = 20_000;

/** The log since the tutorial was started, kept up to date by a subscription. */
export interface LogBuffer extends Disposable {
  readonly entries: readonly LogEntry[];
  /** Fetches what the subscription did not bring yet, so that the entries reach at least to `sequence`. */
  reach(sequence: number): Promise<void>;
  /** Forgets everything up to `sequence`. */
  restart(sequence: number): void;
  /** Forgets what came after one position up to another. */
  omit(after: number, upTo: number): void;
}

export async function openLogBuffer(
  facts: Pick<FactSource, 'logSince' | 'subscribeLog' | 'unsubscribeLog'>,
  after: number,
  onEntries: () => void,
): Promise<LogBuffer> {
  let entries: LogEntry[] = [];
  let last = after;
  let open = true;
  const takeBack = (to: number): void => {
    entries = entries.filter(({ sequence }) => sequence <= to);
    last = Math.min(last, to);
  };
  const add = (found: readonly LogEntry[], rewoundTo?: number): boolean => {
    if (rewoundTo !== undefined) takeBack(rewoundTo);
    const fresh = found.filter(({ sequence }) => sequence > last);
    if (!open || fresh.length === 0) return false;
    entries = [...entries, ...fresh].slice(-mostEntries);
    last = fresh.at(-1)?.sequence ?? last;
    return true;
  };
  const subscription = await facts.subscribeLog(after, (found, rewoundTo) => {
    if (add(found, rewoundTo)) onEntries();
  });
  return {
    get entries() {
      return entries;
    },
    async reach(sequence) {
      if (sequence > last) add(await facts.logSince(last));
    },
    restart(sequence) {
      entries = entries.filter((entry) => entry.sequence > sequence);
      last = Math.max(last, sequence);
    },
    omit(after, upTo) {
      entries = entries.filter(({ sequence }) => sequence <= after || sequence > upTo);
    },
    dispose() {
      if (!open) return;
      open = false;
      facts.unsubscribeLog(subscription).catch(() => undefined);
    },
  };
}
