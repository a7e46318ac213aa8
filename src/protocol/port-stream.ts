import { AppError } from '../base/errors.ts';
import { createPipe, type Duplex } from '../base/streams.ts';

/** What we use of a MessagePort (HTML, section "Message ports"); the browser's and Node's both have it. */
export interface MessagePortLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  start(): void;
  close(): void;
}

/**
 * The messages on a stream's port, the same both ways. `ack` counts bytes that the receiver has handed on; a sender keeps at most `portWindow` bytes
 * without one on their way. `end`: no more data from this side. `abort`: no more, though there should be. `cancel`: this side reads no more.
 */
export type PortMessage =
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'ack'; readonly bytes: number }
  | { readonly type: 'end' }
  | { readonly type: 'abort' }
  | { readonly type: 'cancel' };

/** Bytes. */
export const portWindow = 128 * 1024;
const largestMessage = 32 * 1024;

/**
 * A connection over a message port with flow control. What is written is copied, so the caller may reuse its buffer. The port is closed when both
 * directions have ended. There is no message for a peer that vanishes: its owner must end the stream.
 * @param options.tellsAborts the other side's read fails when this side aborts; it just ends otherwise
 */
export function duplexOverPort(port: MessagePortLike, { tellsAborts = false }: { readonly tellsAborts?: boolean } = {}): Duplex {
  const incoming = createPipe(portWindow * 2);
  let credit = portWindow;
  let waiting: (() => void)[] = [];
  let sendState: 'open' | 'ended' | 'cancelled' = 'open';
  let receiving = true;

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const closeWhenDone = (): void => {
    if (sendState !== 'open' && !receiving) port.close();
  };
  const endReceiving = (): void => {
    receiving = false;
    void incoming.sink.close();
    closeWhenDone();
  };

  port.addEventListener('message', ({ data }) => {
    const message = parsePortMessage(data);
    switch (message.type) {
      case 'data':
        // The peer stays inside its window, so the pipe never has to hold this write back.
        if (receiving) void incoming.sink.write(message.bytes).catch(() => undefined);
        return;
      case 'ack':
        credit += message.bytes;
        wake();
        return;
      case 'end':
        endReceiving();
        return;
      case 'abort':
        receiving = false;
        incoming.sink.abort(new AppError('cancelled', 'the connection was lost'));
        closeWhenDone();
        return;
      case 'cancel':
        if (sendState === 'open') sendState = 'cancelled';
        wake();
        closeWhenDone();
    }
  });
  port.start();

  const send = (message: PortMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

  // Writes queue behind each other: a later one must not overtake one that waits for credit.
  let tail = Promise.resolve();
  const writeAll = async (chunk: Uint8Array): Promise<void> => {
    let offset = 0;
    while (offset < chunk.length) {
      if (sendState === 'cancelled') throw new AppError('cancelled', 'the reader is gone');
      if (sendState === 'ended') throw new AppError('conflict', 'write after close');
      if (credit <= 0) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        continue;
      }
      const bytes = chunk.slice(offset, offset + Math.min(credit, largestMessage));
      offset += bytes.length;
      credit -= bytes.length;
      send({ type: 'data', bytes }, [bytes.buffer]);
    }
  };

  return {
    source: {
      async read() {
        const chunk = await incoming.source.read();
        if (chunk !== null && receiving) send({ type: 'ack', bytes: chunk.length });
        return chunk;
      },
      cancel(reason) {
        incoming.source.cancel(reason);
        if (!receiving) return;
        send({ type: 'cancel' });
        receiving = false;
        closeWhenDone();
      },
    },
    sink: {
      write(chunk) {
        const written = tail.then(() => writeAll(chunk));
        tail = written.catch(() => undefined);
        return written;
      },
      async close() {
        await tail;
        if (sendState !== 'open') return;
        sendState = 'ended';
        send({ type: 'end' });
        closeWhenDone();
      },
      abort() {
        if (sendState !== 'open') return;
        sendState = 'ended';
        send({ type: tellsAborts ? 'abort' : 'end' });
        wake();
        closeWhenDone();
      },
    },
  };
}

/** @throws AppError `invalid` */
export function parsePortMessage(data: unknown): PortMessage {
  if (typeof data === 'object' && data !== null && 'type' in data) {
    const bytes = 'bytes' in data ? data.bytes : undefined;
    switch (data.type) {
      case 'data':
        if (bytes instanceof Uint8Array) return { type: 'data', bytes };
        break;
      case 'ack':
        if (typeof bytes === 'number' && bytes > 0) return { type: 'ack', bytes };
        break;
      case 'end':
      case 'abort':
      case 'cancel':
        return { type: data.type };
    }
  }
  throw new AppError('invalid', 'not a message of a stream port');
}
