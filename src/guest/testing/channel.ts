import { AppError } from '../../base/errors.ts';
import { createDuplexPair, type Duplex } from '../../base/streams.ts';
import { decodeRecord, encodeRecord } from '../../protocol/agent-codec.ts';
import type { AgentRecord, AgentRecordInput, RecordName } from '../../protocol/agent.ts';
import type { GuestChannel, GuestNote, GuestStream, IncomingGuestStream } from '../channel.ts';

/** The agent's side of a stream that the host opened. */
export class AgentStream {
  readonly #lanes = new Map<number, [Duplex, Duplex]>();
  readonly #waiting: GuestNote[] = [];
  #listener: ((note: GuestNote) => void) | null = null;
  #answer: { resolve(record: Uint8Array): void; reject(reason: unknown): void } | null = null;
  #end: { resolve(record: Uint8Array): void; reject(reason: unknown): void } | null = null;
  /** Notes of the host. */
  readonly heard: GuestNote[] = [];
  wasReset = false;
  readonly host: GuestStream;

  constructor(
    readonly id: number,
    readonly kind: number,
    readonly record: Uint8Array,
  ) {
    const reply = new Promise<Uint8Array>((resolve, reject) => (this.#answer = { resolve, reject }));
    const closed = new Promise<Uint8Array>((resolve, reject) => (this.#end = { resolve, reject }));
    for (const promise of [reply, closed]) promise.catch(() => undefined);
    this.host = {
      id,
      kind,
      reply,
      closed,
      lane: (lane) => this.#pair(lane)[0],
      onNote: (listener) => {
        this.#listener = listener;
        for (const note of this.#waiting.splice(0)) listener(note);
        return { dispose: () => (this.#listener = null) };
      },
      note: (kind_, note) => void this.heard.push({ kind: kind_, record: note }),
      reset: (reason) => {
        this.wasReset = true;
        this.reset(reason ?? new AppError('cancelled', 'the stream was reset'));
      },
    };
  }

  asked<N extends RecordName>(name: N): AgentRecord<N> {
    return decodeRecord(name, this.record);
  }

  reply<N extends RecordName>(name: N, values: AgentRecordInput<N>): void {
    this.#answer?.resolve(encodeRecord(name, values));
  }

  reset(reason: unknown): void {
    this.#answer?.reject(reason);
    this.#end?.reject(reason);
  }

  note<N extends RecordName>(kind: number, name: N, values: AgentRecordInput<N>): void {
    const note = { kind, record: encodeRecord(name, values) };
    if (this.#listener === null) this.#waiting.push(note);
    else this.#listener(note);
  }

  close(): void {
    this.#end?.resolve(encodeRecord('empty', {}));
  }

  /** What the host writes to and reads from a lane. */
  lane(lane: number): Duplex {
    return this.#pair(lane)[1];
  }

  #pair(lane: number): [Duplex, Duplex] {
    const known = this.#lanes.get(lane) ?? createDuplexPair();
    this.#lanes.set(lane, known);
    return known;
  }
}

/** A link whose other end is the test. */
export class TestChannel implements GuestChannel {
  readonly opened: AgentStream[] = [];
  readonly restored: AgentStream[] = [];
  /** Answers at once, where set. */
  agent: ((stream: AgentStream) => void) | null = null;

  open(kind: number, record: Uint8Array): GuestStream {
    const stream = new AgentStream(this.opened.length * 2 + 1, kind, record);
    this.opened.push(stream);
    this.agent?.(stream);
    return stream.host;
  }

  get last(): AgentStream {
    const stream = this.opened.at(-1);
    if (stream === undefined) throw new Error('nothing was asked');
    return stream;
  }

  onOpen(): { dispose(): void } {
    return { dispose: () => undefined };
  }

  takeRestored(): readonly (GuestStream | IncomingGuestStream)[] {
    return this.restored.map(({ host }) => host);
  }
}
