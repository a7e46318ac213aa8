import { concatBytes } from '../../base/bytes.ts';
import { sourceFrom, type Source } from '../source.ts';
import type { OutputChunk } from './output-hub.ts';

export interface LogRecord extends OutputChunk {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

export interface LogQuery {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly since?: bigint;
  readonly until?: bigint;
  /** Records from the end, counted before stdout and stderr are told apart, as Docker does. */
  readonly tail?: number;
}

/** A longer line is kept in pieces of this size (daemon/logger/copier.go). */
const longestPiece = 16 * 1024;
/** What a record costs beside its bytes. */
const recordCost = 64;

/** Logs in JSON: bytes as Latin-1 text. */
export interface LogStoreState {
  readonly dropped: number;
  readonly records: readonly (readonly ['stdout' | 'stderr', string, string])[];
  /** Lines that have not ended. */
  readonly unfinished: { readonly stdout: string; readonly stderr: string };
}

/** What a container wrote, by line, each with the time it ended. */
export class LogStore {
  #records: LogRecord[] = [];
  /** Position of #records[0]. */
  #first = 0;
  #bytes = 0;
  readonly #unfinished = { stdout: new LineBuffer(), stderr: new LineBuffer() };
  readonly #waiting = new Set<() => void>();
  #running = false;
  readonly #bytesKept: number;

  /** @param bytesKept more of them, and the oldest records go, as with json-file's `max-size`; 0 keeps nothing */
  constructor(bytesKept: number) {
    this.#bytesKept = bytesKept;
  }

  /** A run begins; followers wait for more until `close`. */
  open(): void {
    this.#running = true;
  }

  append({ stream, data }: OutputChunk, time: bigint): void {
    if (this.#bytesKept === 0) return;
    for (const line of this.#unfinished[stream].push(data)) this.#add({ stream, data: line, time });
    this.#trim();
    this.#wake();
  }

  /** The run is over: unfinished lines are kept as they are, followers end. */
  close(time: bigint): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished[stream].flush();
      if (rest !== null) this.#add({ stream, data: rest, time });
    }
    this.#running = false;
    this.#wake();
  }

  read(query: LogQuery): readonly LogRecord[] {
    return this.#selected(query).filter((record) => wanted(record, query));
  }

  /** What is there, then what comes until the run ends, `until` is past, or `cancel`. A follower slower than what is kept misses some. */
  follow(query: LogQuery): Source<LogRecord> {
    let stopped = false;
    let resume = (): void => undefined;
    const stop = (): void => {
      stopped = true;
      this.#waiting.delete(resume);
      resume();
    };
    const self = this;
    async function* records(): AsyncGenerator<LogRecord, void> {
      const selected = self.#selected(query);
      let next = self.#first + self.#records.length;
      yield* selected.filter((record) => wanted(record, query));
      while (!stopped) {
        next = Math.max(next, self.#first);
        const record = self.#records[next - self.#first];
        if (record !== undefined) {
          next += 1;
          if (query.until !== undefined && record.time > query.until) return;
          if (wanted(record, query)) yield record;
          continue;
        }
        if (!self.#running) return;
        await new Promise<void>((resolve) => {
          resume = resolve;
          self.#waiting.add(resolve);
        });
      }
    }
    return sourceFrom(records(), stop);
  }

  snapshot(): LogStoreState {
    return {
      dropped: this.#first,
      records: this.#records.map(({ stream, data, time }) => [stream, time.toString(), toLatin1(data)]),
      unfinished: { stdout: toLatin1(this.#unfinished.stdout.rest()), stderr: toLatin1(this.#unfinished.stderr.rest()) },
    };
  }

  restore(state: LogStoreState): void {
    this.#first = state.dropped;
    this.#records = state.records.map(([stream, time, text]) => ({ stream, time: BigInt(time), data: fromLatin1(text) }));
    this.#bytes = this.#records.reduce((sum, record) => sum + record.data.length + recordCost, 0);
    for (const stream of ['stdout', 'stderr'] as const) this.#unfinished[stream].push(fromLatin1(state.unfinished[stream])).next();
  }

  #selected({ since, until, tail }: LogQuery): LogRecord[] {
    const inTime = this.#records.filter(({ time }) => (since === undefined || time >= since) && (until === undefined || time <= until));
    if (tail === undefined || tail >= inTime.length) return inTime;
    return tail <= 0 ? [] : inTime.slice(-tail);
  }

  #add(record: LogRecord): void {
    this.#records.push(record);
    this.#bytes += record.data.length + recordCost;
  }

  /** Cuts a sixteenth at a time, so that a flood does not shift the whole array for every line. The newest record stays in any case. */
  #trim(): void {
    if (this.#bytes <= this.#bytesKept) return;
    const target = this.#bytesKept - this.#bytesKept / 16;
    let count = 0;
    while (this.#bytes > target && count < this.#records.length - 1) {
      this.#bytes -= (this.#records[count]?.data.length ?? 0) + recordCost;
      count += 1;
    }
    this.#records.splice(0, count);
    this.#first += count;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

function wanted(record: LogRecord, query: LogQuery): boolean {
  return record.stream === 'stdout' ? query.stdout : query.stderr;
}

/** Cuts a stream at newlines, and where a line is longer than `longestPiece`. */
class LineBuffer {
  #parts: Uint8Array[] = [];
  #size = 0;

  *push(data: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    while (start < data.length) {
      const limit = start + longestPiece - this.#size;
      const newline = data.indexOf(10, start);
      const end = newline >= 0 && newline < limit ? newline + 1 : Math.min(limit, data.length);
      this.#parts.push(data.slice(start, end));
      this.#size += end - start;
      start = end;
      if (end - 1 === newline || this.#size >= longestPiece) yield this.#take();
    }
  }

  flush(): Uint8Array | null {
    return this.#size === 0 ? null : this.#take();
  }

  /** What there is of the line that has not ended. */
  rest(): Uint8Array {
    return concatBytes(this.#parts);
  }

  #take(): Uint8Array {
    const [only] = this.#parts;
    const line = only !== undefined && this.#parts.length === 1 ? only : concatBytes(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}

function toLatin1(data: Uint8Array): string {
  let text = '';
  for (let start = 0; start < data.length; start += 4096) text += String.fromCharCode(...data.subarray(start, start + 4096));
  return text;
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
