import { concatBytes } from '../../base/bytes.ts';
import { encodeFrame, FrameDecoder, type Frame } from '../../protocol/agent-codec.ts';
import type { ChannelFile, HeldRead } from '../ninep/server.ts';

/** u32 used, u32 more */
const answerHeaderBytes = 8;

export interface LinkState {
  /** Of a frame from the agent that is not complete. */
  readonly incoming: Uint8Array;
  /** Frames that the agent has not read. */
  readonly outgoing: Uint8Array;
}

export interface LinkEvents {
  frame(frame: Frame): void;
  /** The agent's bytes are no frames; nothing more will come. */
  broken(error: unknown): void;
}

/**
 * The link of protocol/agent.ts over the channel file: frames in both directions, each a lossless byte stream. What is sent in one
 * turn of the event loop goes out in one answer, so that the guest wakes up once.
 */
export class AgentLink implements ChannelFile {
  readonly #events: LinkEvents;
  readonly #decoder = new FrameDecoder();
  #held: HeldRead[] = [];
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #broken = false;

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  send(frame: Frame): void {
    this.#enqueue(encodeFrame(frame));
  }

  /** Bytes that wait for a read of the agent. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  hold(read: HeldRead): void {
    this.#held.push(read);
    if (this.#queuedBytes > 0) this.#schedule();
  }

  flush(read: HeldRead): void {
    const index = this.#held.indexOf(read);
    if (index === -1) return;
    this.#held.splice(index, 1);
    const message = new Uint8Array(read.count);
    if (read.count >= answerHeaderBytes) new DataView(message.buffer).setUint32(4, this.#queuedBytes, true);
    read.answer(message);
  }

  receive(bytes: Uint8Array): void {
    if (this.#broken) return;
    try {
      for (const frame of this.#decoder.push(bytes)) this.#events.frame(frame);
    } catch (error) {
      this.#broken = true;
      this.#events.broken(error);
    }
  }

  save(): LinkState {
    return { incoming: this.#decoder.pending(), outgoing: concatBytes(this.#queue) };
  }

  restore(state: LinkState): void {
    this.#decoder.push(state.incoming);
    this.#enqueue(state.outgoing);
  }

  #enqueue(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#answer();
    });
  }

  #answer(): void {
    while (this.#queuedBytes > 0) {
      const read = this.#held.shift();
      if (read === undefined) return;
      read.answer(this.#take(read.count));
    }
  }

  /** An answer of exactly `count` bytes with as much of the queue as fits. */
  #take(count: number): Uint8Array {
    const message = new Uint8Array(count);
    if (count < answerHeaderBytes) return message;
    let offset = answerHeaderBytes;
    let taken = 0;
    for (const chunk of this.#queue) {
      const room = count - offset;
      if (chunk.length > room) {
        message.set(chunk.subarray(0, room), offset);
        this.#queue[taken] = chunk.subarray(room);
        offset = count;
        break;
      }
      message.set(chunk, offset);
      offset += chunk.length;
      taken++;
    }
    this.#queue = this.#queue.slice(taken);
    this.#queuedBytes -= offset - answerHeaderBytes;
    const view = new DataView(message.buffer);
    view.setUint32(0, offset - answerHeaderBytes, true);
    view.setUint32(4, this.#queuedBytes, true);
    return message;
  }
}
