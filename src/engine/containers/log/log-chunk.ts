import { AppError } from '../../../base/errors.ts';
import type { OutputChunk } from '../streams/output-hub.ts';

export interface LogRecord extends OutputChunk {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

/** Bytes that a chunk is filled up to; one record alone may be more. */
export const largestChunk = 64 * 1024;
const firstCapacity = 512;
/** What a chunk costs beside its bytes. */
const chunkCost = 256;

/** A chunk in JSON: its first record's time, its records, and its bytes as Latin-1 text. */
export type LogChunkState = readonly [time: string, count: number, bytes: string];

/**
 * Records one behind the other in one piece of memory, because an object for each line of `y` costs twenty times its text. Each is length and stream in
 * one number, the nanoseconds since the record before (zigzag), then the bytes; numbers in seven bits a byte, the lowest first (LEB128). Bytes once
 * written are not written again: what was read stays as it is.
 */
export class LogChunk {
  /** Position of the first record among all that the log ever had. */
  readonly start: number;
  /** Of the first record. */
  readonly firstTime: bigint;
  #lastTime: bigint;
  #bytes = new Uint8Array(firstCapacity);
  #length = 0;
  #count = 0;

  constructor(start: number, firstTime: bigint) {
    this.start = start;
    this.firstTime = firstTime;
    this.#lastTime = firstTime;
  }

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory, all in all. */
  get cost(): number {
    return this.#bytes.length + chunkCost;
  }

  get count(): number {
    return this.#count;
  }

  /** Position behind the last record. */
  get end(): number {
    return this.start + this.#count;
  }

  get lastTime(): bigint {
    return this.#lastTime;
  }

  append({ stream, data, time }: LogRecord): void {
    this.#makeRoom(data.length + 20);
    this.#number(data.length * 2 + (stream === 'stderr' ? 1 : 0));
    const delta = time - this.#lastTime;
    if (delta === 0n) this.#bytes[this.#length++] = 0;
    else this.#bigNumber(delta < 0n ? -2n * delta - 1n : 2n * delta);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
    this.#lastTime = time;
    this.#count += 1;
  }

  /** From the one at a position on. The data are views of the chunk. @throws AppError invalid for bytes that this class did not write */
  *records(position = this.start): Generator<LogRecord, void> {
    let at = 0;
    let time = this.firstTime;
    const next = (): number => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = this.#bytes[at];
        if (byte === undefined || at >= this.#length || scale > 2 ** 70) throw damaged();
        at += 1;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    };
    const nextTime = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = this.#bytes[at];
        if (byte === undefined || at >= this.#length || shift > 70n) throw damaged();
        at += 1;
        if (byte !== 0) value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
      }
    };
    // More may be written while somebody reads.
    for (let index = this.start; index < this.end; index += 1) {
      const head = next();
      time += nextTime();
      const size = Math.floor(head / 2);
      if (at + size > this.#length) throw damaged();
      if (index >= position) yield { stream: head % 2 === 0 ? 'stdout' : 'stderr', data: this.#bytes.subarray(at, at + size), time };
      at += size;
    }
  }

  toState(): LogChunkState {
    return [this.firstTime.toString(), this.#count, toLatin1(this.#bytes.subarray(0, this.#length))];
  }

  /** @throws AppError invalid */
  static fromState(start: number, [time, count, text]: LogChunkState): LogChunk {
    const chunk = new LogChunk(start, BigInt(time));
    chunk.#bytes = fromLatin1(text);
    chunk.#length = text.length;
    chunk.#count = count;
    for (const record of chunk.records()) chunk.#lastTime = record.time;
    return chunk;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#bytes.length, largestChunk)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  #number(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  #bigNumber(value: bigint): void {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(rest);
  }
}

function damaged(): AppError {
  return new AppError('invalid', 'damaged log');
}

export function toLatin1(data: Uint8Array): string {
  let text = '';
  for (let start = 0; start < data.length; start += 4096) text += String.fromCharCode(...data.subarray(start, start + 4096));
  return text;
}

export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
