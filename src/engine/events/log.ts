import { Emitter } from '../../base/events.ts';
import type { EventLog, LogEntry, NewLogEntry } from '../../protocol/log.ts';
import type { Clock } from '../clock.ts';

/** Entries kept; older ones are dropped, and `since` of a dropped position starts at the oldest kept. */
const entriesKept = 100_000;

export interface EventLogState {
  readonly last: number;
  readonly entries: readonly LogEntry[];
}

export interface RestorableEventLog extends EventLog {
  snapshot(): EventLogState;
  restore(state: EventLogState): void;
}

export function createEventLog(clock: Clock): RestorableEventLog {
  let entries: LogEntry[] = [];
  let last = 0;
  const appended = new Emitter<LogEntry>();

  return {
    append(entry: NewLogEntry): LogEntry {
      last += 1;
      const stamped: LogEntry = { ...entry, sequence: last, timeNano: clock.now().toString() };
      entries.push(stamped);
      if (entries.length > entriesKept * 1.25) entries = entries.slice(-entriesKept);
      appended.emit(stamped);
      return stamped;
    },
    since(after) {
      const first = entries[0]?.sequence ?? 1;
      return entries.slice(Math.max(0, after + 1 - first));
    },
    get last() {
      return last;
    },
    onAppend: appended.event,
    snapshot: () => ({ last, entries: [...entries] }),
    restore(state) {
      entries = [...state.entries];
      last = state.last;
    },
  };
}
