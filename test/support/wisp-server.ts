import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { logging, server as wisp } from '@mercuryworkshop/wisp-js/server';

export interface WispServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A relay that somebody else wrote, on this machine: every name is 127.0.0.1 to it. */
export async function startWispServer(): Promise<WispServer> {
  logging.set_level(logging.NONE);
  wisp.options.allow_loopback_ips = true;
  wisp.options.dns_method = () => Promise.resolve('127.0.0.1');
  const open = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket, head) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    wisp.routeRequest(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/`,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
