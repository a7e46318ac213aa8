import { AppError, toAppError } from '../../base/errors.ts';
import { toDisposable, type Disposable } from '../../base/disposable.ts';
import type { ByteSink, Duplex } from '../../base/streams.ts';
import { decodeKind, encodeKind, type Frame } from '../../protocol/agent-codec.ts';
import { frameType, maxPayloadBytes, noteKind, streamWindowBytes } from '../../protocol/agent.ts';
import { failureFromReset, linuxErrno, resetPayload } from './failure.ts';
import { LaneSource } from './lane.ts';

/** Credit goes back in portions: a frame for each small read would wake the guest for nothing. */
const creditPortionBytes = streamWindowBytes / 4;
const nothing = new Uint8Array(0);

export interface StreamOwner {
  send(frame: Frame): void;
  /** The stream's id is free. */
  released(stream: Stream): void;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Who does not ask for the outcome is not to be told of it as an unhandled rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

export interface StreamNote {
  readonly kind: number;
  readonly record: Uint8Array;
}

export interface StreamState {
  readonly id: number;
  readonly kind: number;
  readonly record: Uint8Array;
  readonly accepted: boolean;
  /** The process of it has ended, and the stream with it. */
  readonly closed: boolean;
  readonly window: number;
  readonly uncredited: number;
  readonly ended: readonly number[];
  readonly notes: readonly StreamNote[];
  readonly lanes: readonly {
    readonly lane: number;
    readonly chunks: readonly Uint8Array[];
    readonly ended: boolean;
    readonly cancelled: boolean;
  }[];
}

/** One stream of the link, from either side. Satisfies guest/'s GuestStream and IncomingGuestStream. */
export class Stream {
  readonly id: number;
  readonly kind: number;
  readonly #owner: StreamOwner;
  readonly #accepted = deferred<Uint8Array>();
  readonly #closed = deferred<Uint8Array>();
  readonly #sources = new Map<number, LaneSource>();
  readonly #lanes = new Map<number, Duplex>();
  readonly #endedLanes = new Set<number>();
  /** The tail of each lane's writes: they go out in order. */
  readonly #tails = new Map<number, Promise<void>>();
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #failure: AppError | null = null;
  #window = streamWindowBytes;
  #uncredited = 0;
  #windowWaiters: (() => void)[] = [];
  #record: Uint8Array;
  #notes: StreamNote[] = [];
  /** Of a process: the last note, which somebody has heard and may not have acted on when the machine is saved. */
  #exit: StreamNote | null = null;
  #heldNotes: StreamNote[] = [];
  #listener: ((note: StreamNote) => void) | null = null;

  constructor(owner: StreamOwner, id: number, kind: number, record: Uint8Array) {
    this.#owner = owner;
    this.id = id;
    this.kind = kind;
    this.#record = record;
  }

  /** The record of OPEN, until the stream has ended. */
  get record(): Uint8Array {
    return this.#record;
  }

  /** A process that has told its end, and whose stream the agent has closed. */
  get hasEnded(): boolean {
    return this.#state === 'closed' && this.#failure === null && this.#exit !== null;
  }

  /** Of a stream that the host opened: the record of REPLY. */
  get replied(): Promise<Uint8Array> {
    return this.#accepted.promise;
  }

  get closed(): Promise<Uint8Array> {
    return this.#closed.promise;
  }

  lane(lane: number): Duplex {
    const known = this.#lanes.get(lane);
    if (known !== undefined) return known;
    const duplex = { source: this.#source(lane), sink: this.#sink(lane) };
    this.#lanes.set(lane, duplex);
    return duplex;
  }

  onNote(listener: (note: StreamNote) => void): Disposable {
    this.#listener = listener;
    const waiting = this.#notes;
    this.#notes = [];
    for (const note of waiting) listener(note);
    return toDisposable(() => {
      if (this.#listener === listener) this.#listener = null;
    });
  }

  note(kind: number, record: Uint8Array): void {
    if (this.#state === 'opening') this.#heldNotes.push({ kind, record });
    else if (this.#state === 'open') this.#send(frameType.note, 0, encodeKind(kind, record));
  }

  /** Of a stream that the agent opened. */
  accept(record: Uint8Array): void {
    if (this.#state !== 'opening') return;
    this.#send(frameType.reply, 0, record);
    this.#opened(record);
  }

  /** Of a stream that the agent opened: CLOSE, after the writes that were made. */
  async close(record: Uint8Array): Promise<void> {
    if (this.#state === 'opening') this.accept(nothing);
    await Promise.allSettled([...this.#tails.values()]);
    if (this.#state !== 'open') return;
    this.#send(frameType.close, 0, record);
    this.#finish(record);
  }

  reset(reason?: unknown): void {
    if (this.#state === 'closed') return;
    const failure = reason === undefined ? new AppError('cancelled', 'the stream was reset') : toAppError(reason);
    const errno = failure.detail['errno'];
    this.#send(frameType.reset, 0, resetPayload(typeof errno === 'number' ? errno : linuxErrno.ECANCELED, failure.message));
    this.fail(failure);
  }

  /** Ends the stream without telling the agent. */
  fail(reason: unknown): void {
    if (this.#state === 'closed') return;
    this.#failure = toAppError(reason);
    this.#state = 'closed';
    this.#accepted.reject(this.#failure);
    this.#closed.reject(this.#failure);
    for (const source of this.#sources.values()) source.fail(this.#failure);
    this.#openWindow();
    this.#owner.released(this);
  }

  receive(frame: Frame): void {
    switch (frame.type) {
      case frameType.reply:
        this.#opened(frame.payload);
        return;
      case frameType.data:
        this.#source(frame.lane).push(frame.payload);
        return;
      case frameType.end:
        this.#source(frame.lane).end();
        return;
      case frameType.credit:
        this.#window += creditOf(frame.payload);
        this.#openWindow();
        return;
      case frameType.note:
        this.#deliver(decodeKind(frame.payload));
        return;
      case frameType.close:
        this.#finish(frame.payload);
        return;
      case frameType.reset:
        this.fail(failureFromReset(frame.payload));
        return;
      default:
        this.reset(new AppError('internal', `frame type ${frame.type}`, { detail: { errno: linuxErrno.EPROTO } }));
    }
  }

  save(): StreamState {
    return {
      id: this.id,
      kind: this.kind,
      record: this.record,
      accepted: this.#state !== 'opening',
      closed: this.#state === 'closed',
      window: this.#window,
      uncredited: this.#uncredited,
      ended: [...this.#endedLanes],
      notes: this.#exit === null || this.#notes.includes(this.#exit) ? [...this.#notes] : [this.#exit, ...this.#notes],
      lanes: [...this.#sources].map(([lane, source]) => ({ lane, ...source.save() })),
    };
  }

  restore(state: StreamState): void {
    if (state.accepted) this.#opened(nothing);
    this.#window = state.window;
    this.#uncredited = state.uncredited;
    this.#notes = [...state.notes];
    this.#exit = state.notes.find(({ kind }) => kind === noteKind.exited) ?? null;
    for (const lane of state.ended) this.#endedLanes.add(lane);
    for (const { lane, ...saved } of state.lanes) this.#source(lane).restore(saved);
    if (state.closed) this.#finish(nothing);
  }

  #source(lane: number): LaneSource {
    const known = this.#sources.get(lane);
    if (known !== undefined) return known;
    const source = new LaneSource((bytes) => this.#consumed(bytes));
    if (this.#failure !== null) source.fail(this.#failure);
    else if (this.#state === 'closed') source.end();
    this.#sources.set(lane, source);
    return source;
  }

  #sink(lane: number): ByteSink {
    return {
      write: (chunk) => this.#inOrder(lane, () => this.#write(lane, chunk)),
      close: () =>
        this.#inOrder(lane, async () => {
          if (this.#state === 'opening') await this.#accepted.promise;
          this.#end(lane);
        }).catch(() => undefined),
      // The protocol has no failure of one lane: the agent sees its end.
      abort: () => {
        if (this.#state === 'opening') this.#accepted.promise.then(() => this.#end(lane)).catch(() => undefined);
        else this.#end(lane);
      },
    };
  }

  #inOrder(lane: number, work: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(lane);
    const done = before === undefined ? work() : before.then(work, work);
    this.#tails.set(lane, done);
    const forget = (): void => {
      if (this.#tails.get(lane) === done) this.#tails.delete(lane);
    };
    done.then(forget, forget);
    return done;
  }

  async #write(lane: number, chunk: Uint8Array): Promise<void> {
    if (this.#state === 'opening') await this.#accepted.promise;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#state === 'closed') throw this.#failure ?? new AppError('cancelled', 'the stream is closed');
      if (this.#endedLanes.has(lane)) throw new AppError('conflict', 'write after close');
      const size = Math.min(chunk.length - offset, maxPayloadBytes, this.#window);
      if (size === 0) {
        await new Promise<void>((resolve) => this.#windowWaiters.push(resolve));
        continue;
      }
      this.#window -= size;
      this.#send(frameType.data, lane, chunk.subarray(offset, offset + size));
      offset += size;
    }
  }

  #end(lane: number): void {
    if (this.#state !== 'open' || this.#endedLanes.has(lane)) return;
    this.#endedLanes.add(lane);
    this.#send(frameType.end, lane, nothing);
    this.#openWindow();
  }

  #consumed(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#state === 'closed' || this.#uncredited < creditPortionBytes) return;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#uncredited, true);
    this.#uncredited = 0;
    this.#send(frameType.credit, 0, payload);
  }

  #opened(record: Uint8Array): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#accepted.resolve(record);
    const held = this.#heldNotes;
    this.#heldNotes = [];
    for (const { kind, record: note } of held) this.note(kind, note);
  }

  #deliver(note: StreamNote): void {
    if (note.kind === noteKind.exited) this.#exit = note;
    if (this.#listener === null) this.#notes.push(note);
    else this.#listener(note);
  }

  #finish(record: Uint8Array): void {
    if (this.#state === 'closed') return;
    this.#opened(nothing);
    this.#state = 'closed';
    this.#record = nothing;
    this.#closed.resolve(record);
    for (const source of this.#sources.values()) source.end();
    this.#openWindow();
    this.#owner.released(this);
  }

  #openWindow(): void {
    const waiting = this.#windowWaiters;
    this.#windowWaiters = [];
    for (const resume of waiting) resume();
  }

  #send(type: number, lane: number, payload: Uint8Array): void {
    this.#owner.send({ type, stream: this.id, lane, payload });
  }
}

function creditOf(payload: Uint8Array): number {
  if (payload.length !== 4) throw new AppError('invalid', 'a CREDIT without its number');
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}
