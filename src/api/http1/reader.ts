import { AppError, toAppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { pendingRequests, type ByteTotal } from '../pending.ts';

/** The connection ended where a message was not finished. */
export class UnexpectedEnd extends AppError {
  constructor() {
    super('cancelled', 'unexpected EOF');
  }
}

/** Lines and lengths out of a byte stream. At most one read of the source is under way; what it brings is kept until it is asked for. */
export class ConnectionReader {
  readonly #source: ByteSource;
  /** What was received and not yet taken; of `#storage` when pieces were put together. */
  #buffer: Uint8Array = new Uint8Array(0);
  #storage: Uint8Array = new Uint8Array(0);
  #pending: Promise<void> | null = null;
  readonly #pendingTotal: ByteTotal;
  #ended = false;
  #failure: AppError | null = null;

  /** @param pending what it keeps counts in this total */
  constructor(source: ByteSource, pending: ByteTotal = pendingRequests) {
    this.#source = source;
    this.#pendingTotal = pending;
  }

  /** Keeps nothing any more. */
  release(): void {
    this.#pendingTotal.give(this.#storage.length);
    this.#storage = new Uint8Array(0);
    this.#buffer = this.#storage;
  }

  /** Reads ahead when nothing is buffered, to notice that the client went away. Calls back at most once, with null when it closed properly. */
  watch(onGone: (failure: AppError | null) => void): void {
    if (this.#buffer.length > 0) return;
    if (this.#ended) onGone(this.#failure);
    else void this.#fill().then(() => this.#ended && this.#buffer.length === 0 && onGone(this.#failure));
  }

  /** Up to and without LF or CRLF, each byte one character (ISO 8859-1). null: the end, with nothing before it. */
  async readLine(limit: number): Promise<string | null> {
    let from = 0;
    for (;;) {
      const at = this.#buffer.indexOf(0x0a, from);
      if (at > limit || (at < 0 && this.#buffer.length > limit)) throw new AppError('exhausted', 'line too long');
      if (at >= 0) return this.#takeLine(at);
      from = this.#buffer.length;
      if (!(await this.#more())) {
        if (this.#buffer.length === 0) return null;
        throw new UnexpectedEnd();
      }
    }
  }

  /** 1 to `max` bytes; null at the end. */
  async readSome(max: number): Promise<Uint8Array | null> {
    if (this.#buffer.length === 0 && !(await this.#more())) return null;
    const chunk = this.#buffer.subarray(0, max);
    this.#keepFrom(chunk.length);
    return chunk;
  }

  /** Everything not yet taken, as the stream of a connection that left HTTP. */
  rest(): ByteSource {
    return { read: () => this.readSome(Number.POSITIVE_INFINITY), cancel: (reason) => this.#source.cancel(reason) };
  }

  #takeLine(at: number): string {
    const end = at > 0 && this.#buffer[at - 1] === 0x0d ? at - 1 : at;
    let line = '';
    for (let start = 0; start < end; start += 4096)
      line += String(Reflect.apply(String.fromCharCode, null, this.#buffer.subarray(start, Math.min(end, start + 4096))));
    this.#keepFrom(at + 1);
    return line;
  }

  #keepFrom(start: number): void {
    this.#buffer = this.#buffer.subarray(start);
    if (this.#buffer.length === 0) this.release();
  }

  /** More bytes than before? Rejects when the connection broke. */
  async #more(): Promise<boolean> {
    const before = this.#buffer.length;
    if (!this.#ended) await this.#fill();
    if (this.#buffer.length > before) return true;
    if (this.#failure !== null) throw this.#failure;
    return !this.#ended;
  }

  #fill(): Promise<void> {
    this.#pending ??= this.#source
      .read()
      .then((chunk) => {
        if (chunk === null) this.#ended = true;
        else if (this.#buffer.length === 0) this.#buffer = chunk;
        else this.#append(chunk);
      })
      .catch((thrown: unknown) => {
        this.#ended = true;
        this.#failure = toAppError(thrown);
      })
      .finally(() => {
        this.#pending = null;
      });
    return this.#pending;
  }

  /** Room doubles, so that a head which comes byte by byte costs no more than its length. Regions once handed out are not written again. */
  #append(chunk: Uint8Array): void {
    const { length } = this.#buffer;
    const inStorage = this.#buffer.buffer === this.#storage.buffer;
    const start = inStorage ? this.#buffer.byteOffset : 0;
    if (!inStorage || start + length + chunk.length > this.#storage.length) {
      const size = 2 * (length + chunk.length);
      this.#pendingTotal.take(size);
      this.#pendingTotal.give(this.#storage.length);
      const storage = new Uint8Array(size);
      storage.set(this.#buffer);
      this.#storage = storage;
      this.#buffer = storage.subarray(0, length);
      return this.#append(chunk);
    }
    this.#storage.set(chunk, start + length);
    this.#buffer = this.#storage.subarray(start, start + length + chunk.length);
  }
}
