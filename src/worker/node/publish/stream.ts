import { createServer, type Socket } from 'node:net';
import { pipeTo } from '../../../base/streams.ts';
import { socketDuplex } from '../socket-duplex.ts';
import type { Published, Sockets } from './published.ts';

/** At a time, on one port: each holds windows of the link to the guest. */
const mostConnections = 512;

/** A TCP port of this machine that leads to one of the guest. @returns what closes it, with its connections @throws NodeJS.ErrnoException of the bind */
export async function publishStream({ address, port, guest }: Published, sockets: Sockets): Promise<() => Promise<void>> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.maxConnections = mostConnections;
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    void splice(socket, { guest, port }, sockets);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return async () => {
    for (const socket of open) socket.resetAndDestroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** Each half ends on its own; what breaks one side breaks the other. Nothing is read that the other side has no room for. */
async function splice(socket: Socket, { guest, port }: Pick<Published, 'guest' | 'port'>, sockets: Sockets): Promise<void> {
  // Until somebody looks at it, an error is nobody's.
  socket.on('error', () => undefined);
  const outside = socketDuplex(socket);
  try {
    const inside = await sockets.connect({ container: '', address: guest, port });
    socket.once('close', () => inside.reset());
    await Promise.all([pipeTo(outside.source, inside.sink), pipeTo(inside.source, outside.sink)]);
    await inside.closed;
    socket.destroySoon();
  } catch {
    socket.resetAndDestroy();
  }
}
