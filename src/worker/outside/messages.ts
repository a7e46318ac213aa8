import { AppError } from '../../base/errors.ts';

/** A WebSocket as whole messages, one after the other. */
export interface Messages {
  /** null: it was closed. Rejects where it broke. */
  receive(): Promise<Uint8Array | null>;
  /** Resolves when there is room for more. */
  send(message: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): void;
}

/** https://github.com/ricea/websocketstream-explainer; in Chromium. */
interface WebSocketStreamLike {
  readonly opened: Promise<{ readonly readable: ReadableStream<unknown>; readonly writable: WritableStream<Uint8Array<ArrayBuffer>> }>;
  readonly closed: Promise<unknown>;
  close(): void;
}
type WebSocketStreamClass = new (url: string, options: { readonly signal: AbortSignal }) => WebSocketStreamLike;

/** Unread, where the browser cannot hold the sender back. */
const mostUnread = 64 * 1024 * 1024;
/** Unsent, before who writes has to wait; how often that is looked at. */
const mostUnsent = 1024 * 1024;
const look = 10;

/** @throws AppError unavailable where nobody answers in time */
export async function openMessages(url: string, milliseconds: number): Promise<Messages> {
  const late = AbortSignal.timeout(milliseconds);
  try {
    const found: unknown = Reflect.get(globalThis, 'WebSocketStream');
    return isStreamClass(found) ? await overStream(new found(url, { signal: late })) : await overSocket(new WebSocket(url), late);
  } catch (cause) {
    throw new AppError('unavailable', `the relay ${url} does not answer`, { cause });
  }
}

const isStreamClass = (found: unknown): found is WebSocketStreamClass => typeof found === 'function';

/** Who does not read holds the sender back. */
async function overStream(stream: WebSocketStreamLike): Promise<Messages> {
  stream.closed.catch(() => undefined);
  const { readable, writable } = await stream.opened;
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  writer.closed.catch(() => undefined);
  return {
    async receive() {
      const { done, value } = await reader.read();
      return done ? null : bytesOf(value);
    },
    async send(message) {
      await writer.ready;
      writer.write(message).catch(() => undefined);
    },
    close: () => stream.close(),
  };
}

async function overSocket(socket: WebSocket, late: AbortSignal): Promise<Messages> {
  socket.binaryType = 'arraybuffer';
  const unread: Uint8Array[] = [];
  let [bytes, over, problem]: [number, boolean, AppError | null] = [0, false, null];
  let wake = (): void => undefined;
  const end = (why: AppError | null): void => {
    problem ??= over ? null : why;
    over = true;
    wake();
  };
  socket.addEventListener('message', ({ data }) => {
    const message = bytesOf(data);
    bytes += message.length;
    unread.push(message);
    if (bytes > mostUnread) {
      end(new AppError('exhausted', 'the relay sends faster than the guest reads, and this browser cannot hold it back'));
      socket.close();
    }
    wake();
  });
  socket.addEventListener('close', () => end(null));
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => {
      socket.close();
      reject(new Error('no connection'));
    };
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', fail, { once: true });
    late.addEventListener('abort', fail, { once: true });
  });
  return {
    async receive() {
      for (;;) {
        if (problem !== null) throw problem;
        const message = unread.shift();
        bytes -= message?.length ?? 0;
        if (message !== undefined) return message;
        if (over) return null;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async send(message) {
      while (socket.bufferedAmount > mostUnsent && !over) await new Promise((resolve) => setTimeout(resolve, look));
      if (over) throw problem ?? new AppError('cancelled', 'the relay has closed the connection');
      socket.send(message);
    },
    close: () => socket.close(),
  };
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (data instanceof Uint8Array) return data;
  throw new AppError('invalid', 'the relay says something that is not wisp');
}
