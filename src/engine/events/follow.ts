import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import type { EventLog, LogBatch, LogPosition } from '../../protocol/log.ts';

/**
 * Tells what came after a place and then whatever comes, over restores too: a batch of another epoch than `after`'s begins with the oldest entry kept, and
 * is told even if it is empty. Nothing is told twice; nothing of the epoch before comes after the first of the next.
 */
export function followLog(log: EventLog, after: LogPosition, tell: (batch: LogBatch) => void): Disposable {
  const held = new DisposableStore();
  const past = (sequence: number): LogBatch => ({ epoch: log.epoch, entries: log.since(sequence) });
  // Before the past is told: what the listener itself brings about by that is told too.
  held.add(log.onAppend((entry) => tell({ epoch: log.epoch, entries: [entry] })));
  held.add(log.onRestore(() => tell(past(0))));
  const isSame = after.epoch === log.epoch;
  const first = past(isSame ? after.sequence : 0);
  if (!isSame || first.entries.length > 0) tell(first);
  return held;
}
