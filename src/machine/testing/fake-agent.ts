import { decodeKind, encodeFrame, encodeKind, FrameDecoder, type Frame } from '../../protocol/agent-codec.ts';
import { frameType, maxPayloadBytes, streamWindowBytes } from '../../protocol/agent.ts';
import { Channel } from '../channel/channel.ts';
import { Namespace } from '../ninep/namespace.ts';
import { NinepServer } from '../ninep/server.ts';
import { NinepClient } from './ninep-client.ts';

const nothing = new Uint8Array(0);

/** A channel with the server it talks through and nobody at the other end yet. */
export function channelWithServer() {
  const namespace = new Namespace();
  const channel = new Channel();
  const server = new NinepServer(namespace, channel.link);
  return { namespace, channel, server };
}

/**
 * The agent's side of the link over real 9p messages: opens the channel file, holds one read, keeps to the windows. What it does with
 * frames is up to `onFrame`.
 */
export class FakeAgent {
  readonly client: NinepClient;
  readonly frames: Frame[] = [];
  /** Bytes of DATA in flight towards the host, by stream. */
  readonly unacknowledged = new Map<number, number>();
  readonly #decoder = new FrameDecoder();
  #fid = 0;
  #running = true;
  #roomWaiters: (() => void)[] = [];
  #frameWaiters: { matches: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];
  onFrame: (frame: Frame) => void = () => undefined;
  heldTag = 0;

  constructor(server: NinepServer) {
    this.client = new NinepClient(server);
  }

  async start(): Promise<void> {
    await this.client.connect();
    this.#fid = await this.client.open('/channel', 2);
    void this.#readLoop();
  }

  stop(): void {
    this.#running = false;
  }

  async send(type: number, stream: number, lane = 0, payload: Uint8Array = nothing): Promise<void> {
    await this.client.write(this.#fid, encodeFrame({ type, stream, lane, payload }));
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    await this.client.write(this.#fid, bytes);
  }

  async openStream(stream: number, kind: number, record: Uint8Array): Promise<void> {
    await this.send(frameType.open, stream, 0, encodeKind(kind, record));
  }

  async note(stream: number, kind: number, record: Uint8Array): Promise<void> {
    await this.send(frameType.note, stream, 0, encodeKind(kind, record));
  }

  /** DATA in frames, as the host's credit allows. */
  async data(stream: number, lane: number, bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const used = this.unacknowledged.get(stream) ?? 0;
      const size = Math.min(maxPayloadBytes, bytes.length - offset, streamWindowBytes - used);
      if (size <= 0) {
        await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
        continue;
      }
      this.unacknowledged.set(stream, used + size);
      await this.send(frameType.data, stream, lane, bytes.subarray(offset, offset + size));
      offset += size;
    }
  }

  async credit(stream: number, bytes: number): Promise<void> {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, bytes, true);
    await this.send(frameType.credit, stream, 0, payload);
  }

  /** The first frame from now on, or of those that came already, that matches; it is taken out of `frames`. */
  next(matches: (frame: Frame) => boolean): Promise<Frame> {
    const index = this.frames.findIndex(matches);
    const found = this.frames[index];
    if (found !== undefined) {
      this.frames.splice(index, 1);
      return Promise.resolve(found);
    }
    return new Promise((resolve) => this.#frameWaiters.push({ matches, resolve }));
  }

  async nextOpen(): Promise<{ stream: number; kind: number; record: Uint8Array }> {
    const { stream, payload } = await this.next((frame) => frame.type === frameType.open);
    return { stream, ...decodeKind(payload) };
  }

  async #readLoop(): Promise<void> {
    let more = 0;
    while (this.#running) {
      const count = more === 0 ? 1024 : 126976;
      const { tag, data } = this.client.read(this.#fid, 0, count);
      this.heldTag = tag;
      const answer = await data;
      if (answer.length !== count) throw new Error(`a read of ${count} bytes was answered with ${answer.length}`);
      const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
      const used = view.getUint32(0, true);
      more = view.getUint32(4, true);
      for (const frame of this.#decoder.push(answer.slice(8, 8 + used))) this.#take(frame);
    }
  }

  #take(frame: Frame): void {
    if (frame.type === frameType.credit) {
      const credit = new DataView(frame.payload.buffer, frame.payload.byteOffset).getUint32(0, true);
      this.unacknowledged.set(frame.stream, (this.unacknowledged.get(frame.stream) ?? 0) - credit);
      const waiting = this.#roomWaiters;
      this.#roomWaiters = [];
      for (const resume of waiting) resume();
    }
    this.onFrame(frame);
    const waiter = this.#frameWaiters.find(({ matches }) => matches(frame));
    if (waiter === undefined) {
      if (frame.type !== frameType.data && frame.type !== frameType.credit) this.frames.push(frame);
      return;
    }
    this.#frameWaiters.splice(this.#frameWaiters.indexOf(waiter), 1);
    waiter.resolve(frame);
  }
}
