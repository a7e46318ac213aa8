import type { Socket } from 'node:net';
import { AppError } from '../../base/errors.ts';
import type { ByteSink, ByteSource, Duplex } from '../../base/streams.ts';

/**
 * A Node socket as a Duplex. Each half closes on its own (the server must be made with `allowHalfOpen`); reading pauses the socket while
 * nobody reads, writing waits for `drain`.
 */
export function socketDuplex(socket: Socket): Duplex {
  return { source: socketSource(socket), sink: socketSink(socket) };
}

function socketSource(socket: Socket): ByteSource {
  let wake: (() => void) | null = null;
  let ended = false;
  let failure: Error | null = null;
  const signal = (): void => {
    wake?.();
    wake = null;
  };
  socket.on('readable', signal);
  socket.on('end', () => {
    ended = true;
    signal();
  });
  socket.on('error', (error) => {
    failure = error;
    signal();
  });
  socket.on('close', () => {
    ended = true;
    signal();
  });

  const read = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const chunk: unknown = socket.read();
      if (chunk instanceof Uint8Array) return chunk;
      if (failure !== null) throw new AppError('cancelled', 'the connection was lost', { cause: failure });
      if (ended) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    read,
    cancel() {
      ended = true;
      // A socket with this listener does not flow (Node, "Two reading modes"), and one that does not flow never sees its end.
      socket.off('readable', signal);
      socket.resume();
      signal();
    },
  };
}

function socketSink(socket: Socket): ByteSink {
  const gone = (): AppError => new AppError('cancelled', 'the connection was lost');
  return {
    write(chunk) {
      return new Promise<void>((resolve, reject) => {
        if (socket.destroyed || socket.writableEnded) {
          reject(gone());
          return;
        }
        if (socket.write(chunk)) {
          resolve();
          return;
        }
        const settle = (): void => {
          socket.off('drain', settle);
          socket.off('close', settle);
          if (socket.destroyed) reject(gone());
          else resolve();
        };
        socket.on('drain', settle);
        socket.on('close', settle);
      });
    },
    close() {
      return new Promise<void>((resolve) => {
        if (socket.destroyed || socket.writableEnded) resolve();
        else socket.end(() => resolve());
      });
    },
    abort() {
      socket.destroy();
    },
  };
}
