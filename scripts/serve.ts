/** Serves a built site as a good static host does: compressed where a file lies beside it, and checked again at every visit. */
import { createServer } from 'node:http';
import sirv from 'sirv';

export interface SiteServer {
  readonly url: string;
  /** Bytes that went out on all connections, heads and all. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** @param port 0 for any that is free @throws with `code` EADDRINUSE and the like */
export async function serveSite(folder: string, { host, port }: { readonly host: string; readonly port: number }): Promise<SiteServer> {
  const answer = sirv(folder, { brotli: true, gzip: true, etag: true });
  const sent = new Map<object, () => number>();
  let before = 0;
  const server = createServer((request, response) => answer(request, response, () => void response.writeHead(404).end('not found')));
  server.on('connection', (socket) => {
    sent.set(socket, () => socket.bytesWritten);
    socket.once('close', () => {
      before += socket.bytesWritten;
      sent.delete(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    get bytes() {
      return [...sent.values()].reduce((sum, count) => sum + count(), before);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
