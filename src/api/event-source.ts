import { createPace } from '../base/pace.ts';
import type { EngineEventEntry, EventLog, LogEntry } from '../protocol/log.ts';
import type { Source } from './backend.ts';

export interface EventOptions {
  /** Nanoseconds since the epoch. null: what happened before is not told, unless `until` is given. */
  readonly since: bigint | null;
  /** null: for ever. */
  readonly until: bigint | null;
  readonly wanted: (event: EngineEventEntry) => boolean;
}

const longestTimer = 0x7fffffff;
/** Entries taken out of the log at once: a reader who stops reading holds no more than these after the log has let go of them. */
const batchSize = 256;

/** The engine's events out of its log: what was, then what comes, none twice and none left out; ends at `until` or when cancelled. */
export function eventSource(log: EventLog, { since, until, wanted }: EventOptions): Source<EngineEventEntry> {
  // As in moby (daemon/events loadBufferedEvents), either of the two asks for what was.
  let position = since === null && until === null ? log.last : 0;
  let batch: readonly LogEntry[] = [];
  let ended = false;
  let cancelled = false;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const subscription = log.onAppend(notify);
  // What the restored log has happened before it was taken back to: a follower hears what comes.
  const restored = log.onRestore(() => {
    position = log.last;
    batch = [];
    taken = 0;
  });
  const end = (): void => {
    ended = true;
    subscription.dispose();
    restored.dispose();
    clearTimeout(timer);
    notify();
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (at: bigint): void => {
    const left = Number(at / 1_000_000n) - Date.now();
    timer = setTimeout(left > longestTimer ? () => arm(at) : end, Math.max(0, Math.min(left, longestTimer)));
  };
  const pastOnly = until !== null && until <= BigInt(Date.now()) * 1_000_000n;
  if (until !== null && !pastOnly) arm(until);

  const isWanted = (entry: LogEntry): entry is EngineEventEntry => {
    if (entry.kind !== 'event') return false;
    const time = BigInt(entry.timeNano);
    return (since === null || time >= since) && (until === null || time <= until) && wanted(entry);
  };
  let taken = 0;
  const pace = createPace();
  const next = async (): Promise<EngineEventEntry | null> => {
    while (!cancelled) {
      // Many entries, each held against as many filters as a query has room for.
      if (taken % 16 === 15 && pace.isDue()) await pace.turn();
      const entry = batch[taken];
      if (entry === undefined) {
        batch = log.since(position, batchSize);
        taken = 0;
        if (batch.length > 0) continue;
        position = log.last;
        return null;
      }
      taken += 1;
      position = entry.sequence;
      if (isWanted(entry)) return entry;
    }
    return null;
  };

  return {
    async read() {
      if (taken >= batch.length) pace.begin();
      for (;;) {
        const entry = await next();
        if (entry !== null) return entry;
        if (pastOnly) end();
        if (ended) return null;
        // Something may have come while the last look was awaited.
        if (log.last > position) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        pace.begin();
      }
    },
    cancel() {
      cancelled = true;
      end();
    },
  };
}
