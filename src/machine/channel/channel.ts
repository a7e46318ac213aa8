import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import type { Duplex } from '../../base/streams.ts';
import { decodeKind, encodeKind, type Frame } from '../../protocol/agent-codec.ts';
import { frameType, maxRecordBytes } from '../../protocol/agent.ts';
import { linuxErrno } from './failure.ts';
import { AgentLink, type LinkState } from './link.ts';
import { Stream, type StreamNote, type StreamOwner, type StreamState } from './stream.ts';

interface StreamFace {
  readonly id: number;
  readonly kind: number;
  readonly closed: Promise<Uint8Array>;
  lane(lane: number): Duplex;
  onNote(listener: (note: StreamNote) => void): Disposable;
  note(kind: number, record: Uint8Array): void;
  reset(reason?: unknown): void;
}

/** A stream that the host opened: guest/'s GuestStream. */
export interface HostStream extends StreamFace {
  readonly reply: Promise<Uint8Array>;
}

/** A stream that the agent opened: guest/'s IncomingGuestStream. */
export interface AgentStream extends StreamFace {
  readonly record: Uint8Array;
  reply(record: Uint8Array): void;
  close(record: Uint8Array): Promise<void>;
}

/** What the rest of the program sees of the channel: guest/'s GuestChannel. */
export interface MachineChannel {
  open(kind: number, record: Uint8Array): HostStream;
  onOpen(kind: number, handler: (stream: AgentStream) => void): Disposable;
  takeRestored(): readonly (HostStream | AgentStream)[];
}

export interface ChannelState {
  readonly nextId: number;
  readonly link: LinkState;
  readonly streams: readonly StreamState[];
}

/** How many processes that have ended are kept for a state: far more than end while somebody acts on one end. */
const keptEnded = 64;

/** Multiplexed streams to the agent and from it. */
export class Channel implements StreamOwner, MachineChannel {
  readonly link: AgentLink;
  readonly #streams = new Map<number, Stream>();
  readonly #handlers = new Map<number, (stream: AgentStream) => void>();
  #restored: Stream[] = [];
  /** Processes that have ended last: whoever heard of it may not have acted on it yet, and its books say that they run. */
  #ended: Stream[] = [];
  #nextId = 1;
  #failure: AppError | null = null;

  constructor() {
    this.link = new AgentLink({
      frame: (frame) => this.#receive(frame),
      broken: (error) => this.fail(new AppError('internal', 'the agent sent no frames', { cause: error })),
    });
  }

  open(kind: number, record: Uint8Array): HostStream {
    const stream = new Stream(this, this.#takeId(), kind, record);
    const payload = encodeKind(kind, record);
    const failure = this.#failure ?? (payload.length > maxRecordBytes ? tooLong() : null);
    if (failure !== null) {
      stream.fail(failure);
      return hostStream(stream);
    }
    this.#streams.set(stream.id, stream);
    this.send({ type: frameType.open, stream: stream.id, lane: 0, payload });
    return hostStream(stream);
  }

  onOpen(kind: number, handler: (stream: AgentStream) => void): Disposable {
    this.#handlers.set(kind, handler);
    return toDisposable(() => {
      if (this.#handlers.get(kind) === handler) this.#handlers.delete(kind);
    });
  }

  takeRestored(): readonly (HostStream | AgentStream)[] {
    const restored = this.#restored;
    this.#restored = [];
    return restored.map((stream) => (isHosts(stream.id) ? hostStream(stream) : agentStream(stream)));
  }

  /** Ends every stream with `reason`, and those that are opened later. */
  fail(reason: AppError): void {
    this.#failure ??= reason;
    for (const stream of [...this.#streams.values()]) stream.fail(reason);
  }

  send(frame: Frame): void {
    if (this.#failure === null) this.link.send(frame);
  }

  released(stream: Stream): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    if (stream.hasEnded) this.#ended = [...this.#ended.slice(1 - keptEnded), stream];
  }

  save(): ChannelState {
    const streams = [...this.#ended, ...this.#streams.values()].map((stream) => stream.save());
    return { nextId: this.#nextId, link: this.link.save(), streams };
  }

  restore(state: ChannelState): void {
    this.#nextId = state.nextId;
    for (const saved of state.streams) {
      const stream = new Stream(this, saved.id, saved.kind, saved.record);
      stream.restore(saved);
      if (!saved.closed) this.#streams.set(saved.id, stream);
      this.#restored.push(stream);
    }
    this.link.restore(state.link);
  }

  #takeId(): number {
    while (this.#streams.has(this.#nextId)) this.#advance();
    const id = this.#nextId;
    this.#advance();
    return id;
  }

  #advance(): void {
    this.#nextId = this.#nextId >= 0x7fff_ffff ? 1 : this.#nextId + 2;
  }

  #receive(frame: Frame): void {
    const stream = this.#streams.get(frame.stream);
    if (stream !== undefined) resetOnError(stream, () => stream.receive(frame));
    else if (frame.type === frameType.open && !isHosts(frame.stream) && frame.stream !== 0) this.#opened(frame);
    // Anything else belongs to a stream that was reset here while the frame was on its way.
  }

  #opened(frame: Frame): void {
    const { kind, record } = decodeKind(frame.payload);
    const stream = new Stream(this, frame.stream, kind, record);
    this.#streams.set(stream.id, stream);
    const handler = this.#handlers.get(kind);
    if (handler === undefined)
      stream.reset(new AppError('not_implemented', `nobody serves kind ${kind}`, { detail: { errno: linuxErrno.ENOSYS } }));
    else resetOnError(stream, () => handler(agentStream(stream)));
  }
}

/** A record that is no record, or a listener that throws, is the end of its stream and not of all. */
function resetOnError(stream: Stream, work: () => void): void {
  try {
    work();
  } catch (error) {
    stream.reset(error);
  }
}

function isHosts(id: number): boolean {
  return id % 2 === 1;
}

function common(stream: Stream): StreamFace {
  return {
    id: stream.id,
    kind: stream.kind,
    closed: stream.closed,
    lane: (lane) => stream.lane(lane),
    onNote: (listener) => stream.onNote(listener),
    note: (kind, record) => stream.note(kind, record),
    reset: (reason) => stream.reset(reason),
  };
}

function hostStream(stream: Stream): HostStream {
  return { ...common(stream), reply: stream.replied };
}

function agentStream(stream: Stream): AgentStream {
  return { ...common(stream), record: stream.record, reply: (record) => stream.accept(record), close: (record) => stream.close(record) };
}

/** As execve(2) says it: what makes a request so long are arguments and environment. */
function tooLong(): AppError {
  return new AppError('invalid', 'argument list too long', { detail: { errno: linuxErrno.E2BIG } });
}
