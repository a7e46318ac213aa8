import { Emitter } from '../../base/events.ts';
import type { EventLog, LogEntry, NewLogEntry } from '../../protocol/log.ts';
import type { Clock } from '../clock.ts';
import { entryBytes } from './entry-bytes.ts';

/** Bytes of entries kept; the oldest are dropped beyond, and `since` of a dropped position starts at the oldest kept. */
const bytesKept = 8 * 1024 * 1024;

interface Kept {
  readonly entry: LogEntry;
  readonly bytes: number;
}

export interface EventLogState {
  readonly epoch: number;
  readonly last: number;
  readonly entries: readonly LogEntry[];
}

export interface RestorableEventLog extends EventLog {
  /** About the bytes that the entries take. */
  readonly bytes: number;
  snapshot(): EventLogState;
  /** Back to where it was when a checkpoint was taken; a new epoch begins. */
  restore(state: EventLogState): void;
  /** Goes on where another log of the same course stopped, in its epoch: after a reset. */
  resume(state: EventLogState): void;
}

/** @param limit bytes kept; the newest entry stays in any case, unless it alone is more */
export function createEventLog(clock: Clock, limit = bytesKept): RestorableEventLog {
  /** What was dropped is undefined until it is cut off, a thousand at a time. */
  let entries: (Kept | undefined)[] = [];
  /** Where the oldest entry kept is in `entries`. */
  let first = 0;
  let last = 0;
  let bytes = 0;
  let epoch = milliseconds(clock);
  const appended = new Emitter<LogEntry>();
  const restored = new Emitter<void>();

  const keep = (entry: LogEntry): void => {
    const size = entryBytes(entry);
    entries.push({ entry, bytes: size });
    bytes += size;
    while (bytes > limit && first < entries.length) {
      bytes -= entries[first]?.bytes ?? 0;
      entries[first] = undefined;
      first += 1;
    }
    if (first > 1024 && first * 2 > entries.length) {
      entries = entries.slice(first);
      first = 0;
    }
  };

  const entriesFrom = (start: number, most = entries.length): LogEntry[] =>
    entries.slice(start, start + most).flatMap((kept) => kept?.entry ?? []);

  const replace = (state: EventLogState): void => {
    entries = [];
    first = 0;
    bytes = 0;
    for (const entry of state.entries) keep(entry);
    last = state.last;
  };

  return {
    append(entry: NewLogEntry): LogEntry {
      last += 1;
      const stamped: LogEntry = { ...entry, sequence: last, timeNano: clock.now().toString() };
      keep(stamped);
      appended.emit(stamped);
      return stamped;
    },
    since(after, most) {
      const oldest = entries[first]?.entry.sequence ?? last + 1;
      const start = first + Math.max(0, after + 1 - oldest);
      return entriesFrom(start, most);
    },
    get last() {
      return last;
    },
    get bytes() {
      return bytes;
    },
    get epoch() {
      return epoch;
    },
    onAppend: appended.event,
    onRestore: restored.event,
    snapshot: () => ({ epoch, last, entries: entriesFrom(first) }),
    restore(state) {
      replace(state);
      epoch = Math.max(milliseconds(clock), epoch + 1, state.epoch + 1);
      restored.emit();
    },
    resume(state) {
      replace(state);
      epoch = state.epoch;
    },
  };
}

function milliseconds(clock: Clock): number {
  return Number(clock.now() / 1_000_000n);
}
