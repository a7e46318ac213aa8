import type { LogChunk, LogRecord } from './log-chunk.ts';

/** Records and bytes taken at once. */
const batchRecords = 512;
const batchBytes = 64 * 1024;

/** A log as one who reads it sees it: records at positions, of which the oldest are forgotten. */
export interface LogPositions {
  /** Of the oldest record. */
  readonly first: number;
  /** Behind the newest. */
  readonly end: number;
  /** The chunk that a position between the two is in. */
  chunkAt(position: number): LogChunk | undefined;
}

/** Where somebody reads. Holds on to one chunk at most: what is forgotten meanwhile is passed over. */
export class LogCursor {
  readonly #log: LogPositions;
  #position: number;
  #records: Iterator<LogRecord, void> | null = null;

  constructor(log: LogPositions, position: number) {
    this.#log = log;
    this.#position = position;
  }

  /** Some of the records before a position; none when there are no more. */
  batch(to: number): LogRecord[] {
    const records: LogRecord[] = [];
    let bytes = 0;
    while (records.length < batchRecords && bytes < batchBytes) {
      const record = this.#next(Math.min(to, this.#log.end));
      if (record === null) break;
      records.push(record);
      bytes += record.data.length;
    }
    return records;
  }

  #next(to: number): LogRecord | null {
    if (this.#position < this.#log.first) {
      this.#position = this.#log.first;
      this.#records = null;
    }
    while (this.#position < to) {
      this.#records ??= this.#log.chunkAt(this.#position)?.records(this.#position) ?? null;
      const { done, value } = this.#records?.next() ?? { done: true, value: undefined };
      if (done !== true) {
        this.#position += 1;
        return value;
      }
      // The end of a chunk, which may have grown since.
      if (this.#records === null) return null;
      this.#records = null;
    }
    return null;
  }
}
