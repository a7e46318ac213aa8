import { createPace } from '../../../base/pace.ts';
import { sourceFrom, type Source } from '../../source.ts';
import { LineBuffer } from '../streams/line-buffer.ts';
import { fromLatin1, largestChunk, LogChunk, toLatin1, type LogChunkState, type LogRecord } from './log-chunk.ts';
import { LogCursor, type LogPositions } from './log-cursor.ts';
import type { LogPool, PooledLog } from './log-pool.ts';
import type { OutputChunk } from '../streams/output-hub.ts';

export interface LogQuery {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly since?: bigint;
  readonly until?: bigint;
  /** Records from the end, counted before stdout and stderr are told apart, as Docker does. */
  readonly tail?: number;
}

/** Logs in JSON. */
export interface LogStoreState {
  readonly dropped: number;
  readonly chunks: readonly LogChunkState[];
  /** Lines that have not ended, as Latin-1 text. */
  readonly unfinished: { readonly stdout: string; readonly stderr: string };
}

/** What a container wrote, by line, each with the time it ended. Times never go back. */
export class LogStore implements PooledLog, LogPositions {
  #chunks: LogChunk[] = [];
  /** Position of the next record among all there ever were. */
  #end = 0;
  readonly #unfinished = { stdout: new LineBuffer(), stderr: new LineBuffer() };
  readonly #waiting = new Set<() => void>();
  #running = false;
  #pool: LogPool | null = null;
  #length = 0;
  readonly #bytesKept: number;
  readonly #recordCost: number;
  readonly #chunkBytes: number;

  /**
   * @param bytesKept more of them, and the oldest records go, as with json-file's `max-size`; 0 keeps nothing
   * @param recordCost bytes that each record counts for beside its own, as in the files that `max-size` is about
   */
  constructor(bytesKept: number, recordCost = 0) {
    this.#bytesKept = bytesKept;
    this.#recordCost = recordCost;
    this.#chunkBytes = Math.min(largestChunk, Math.ceil(bytesKept / 16));
  }

  /** Counts in a total from now on, until `leave`. */
  join(pool: LogPool): void {
    this.#pool = pool;
    pool.update(this);
  }

  leave(): void {
    this.#pool?.remove(this);
    this.#pool = null;
  }

  get cost(): number {
    const { stdout, stderr } = this.#unfinished;
    return this.#chunks.reduce((sum, chunk) => sum + chunk.cost, stdout.cost + stderr.cost);
  }

  /** Forgets the oldest piece. */
  dropOldest(): boolean {
    const oldest = this.#chunks.shift();
    if (oldest !== undefined) this.#length -= this.#lengthOf(oldest);
    return oldest !== undefined;
  }

  get first(): number {
    return this.#chunks[0]?.start ?? this.#end;
  }

  get end(): number {
    return this.#end;
  }

  chunkAt(position: number): LogChunk | undefined {
    return this.#chunks[this.#chunks.findLastIndex(({ start }) => start <= position)];
  }

  /** A run begins; followers wait for more until `close`. */
  open(): void {
    this.#running = true;
  }

  append({ stream, data }: OutputChunk, time: bigint): void {
    if (this.#bytesKept === 0) return;
    for (const line of this.#unfinished[stream].push(data)) this.#add({ stream, data: line, time });
    this.#pool?.update(this);
    this.#wake();
  }

  /** The run is over: unfinished lines are kept as they are, followers end. */
  close(time: bigint): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished[stream].flush();
      if (rest !== null) this.#add({ stream, data: rest, time });
    }
    this.#pool?.update(this);
    this.#running = false;
    this.#wake();
  }

  /** What there is now, some at a time. A reader slower than what is kept misses some. */
  read(query: LogQuery): Source<readonly LogRecord[]> {
    const { from, to } = this.#selected(query);
    const cursor = new LogCursor(this, from);
    async function* batches(): AsyncGenerator<readonly LogRecord[], void> {
      const pace = createPace();
      for (let records = cursor.batch(to); records.length > 0; records = cursor.batch(to)) {
        if (pace.isDue()) await pace.turn();
        yield records.filter((record) => isWanted(record, query));
      }
    }
    return sourceFrom(batches(), () => undefined);
  }

  /** What is there, then what comes until the run ends, `until` is past, or `cancel`. */
  follow(query: LogQuery): Source<readonly LogRecord[]> {
    const { until } = query;
    let stopped = false;
    let resume = (): void => undefined;
    const stop = (): void => {
      stopped = true;
      this.#waiting.delete(resume);
      resume();
    };
    const self = this;
    const cursor = new LogCursor(this, this.#selected(query).from);
    async function* batches(): AsyncGenerator<readonly LogRecord[], void> {
      const pace = createPace();
      while (!stopped) {
        const records = cursor.batch(self.end);
        const last = records.at(-1);
        if (last !== undefined) {
          if (pace.isDue()) await pace.turn();
          yield records.filter((record) => isWanted(record, query));
          if (until !== undefined && last.time > until) return;
          continue;
        }
        if (!self.#running) return;
        await new Promise<void>((resolve) => {
          resume = resolve;
          self.#waiting.add(resolve);
        });
        pace.begin();
      }
    }
    return sourceFrom(batches(), stop);
  }

  snapshot(): LogStoreState {
    return {
      dropped: this.first,
      chunks: this.#chunks.map((chunk) => chunk.toState()),
      unfinished: { stdout: toLatin1(this.#unfinished.stdout.rest()), stderr: toLatin1(this.#unfinished.stderr.rest()) },
    };
  }

  /** @throws AppError invalid */
  restore(state: LogStoreState): void {
    this.#end = state.dropped;
    this.#chunks = state.chunks.map((saved) => {
      const chunk = LogChunk.fromState(this.#end, saved);
      this.#end = chunk.end;
      return chunk;
    });
    this.#length = this.#chunks.reduce((sum, chunk) => sum + this.#lengthOf(chunk), 0);
    for (const stream of ['stdout', 'stderr'] as const) this.#unfinished[stream].push(fromLatin1(state.unfinished[stream])).next();
    this.#pool?.update(this);
  }

  /** The positions that a query is about. */
  #selected({ since, until, tail }: LogQuery): { readonly from: number; readonly to: number } {
    const to = until === undefined ? this.#end : this.#positionAfter(until);
    const from = since === undefined ? this.first : this.#positionAfter(since - 1n);
    return { from: tail === undefined ? from : Math.max(from, to - tail), to };
  }

  /** Behind the last record that is no later than a time. */
  #positionAfter(time: bigint): number {
    const at = this.#chunks.findLastIndex(({ firstTime }) => firstTime <= time);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return this.first;
    if (chunk.lastTime <= time) return chunk.end;
    let position = chunk.start;
    for (const record of chunk.records()) {
      if (record.time > time) break;
      position += 1;
    }
    return position;
  }

  #add(record: LogRecord): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#lengthOf(chunk) + record.data.length > this.#chunkBytes) {
      chunk = new LogChunk(this.#end, record.time);
      this.#chunks.push(chunk);
    }
    this.#length -= this.#lengthOf(chunk);
    chunk.append(record);
    this.#length += this.#lengthOf(chunk);
    this.#end += 1;
    // The newest piece stays in any case.
    while (this.#length > this.#bytesKept && this.#chunks.length > 1) this.dropOldest();
  }

  #lengthOf({ length, count }: LogChunk): number {
    return length + count * this.#recordCost;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

function isWanted({ stream, time }: LogRecord, { stdout, stderr, since, until }: LogQuery): boolean {
  if (since !== undefined && time < since) return false;
  if (until !== undefined && time > until) return false;
  return stream === 'stdout' ? stdout : stderr;
}
