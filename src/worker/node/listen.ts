import { chmod, rm, stat } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { AppError } from '../../base/errors.ts';
import type { Duplex } from '../../base/streams.ts';
import { socketDuplex } from './socket-duplex.ts';

export type ListenAddress =
  { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Reads a DOCKER_HOST: `unix:///path`, `tcp://127.0.0.1:2375`. The API has no authentication, so tcp listens on loopback only. */
export function parseHost(host: string): ListenAddress {
  const unix = /^unix:\/\/(\/.+)$/.exec(host);
  if (unix?.[1] !== undefined) return { kind: 'unix', path: unix[1] };
  const tcp = /^tcp:\/\/(127\.0\.0\.1|localhost|\[::1\]):(\d+)$/.exec(host);
  if (tcp?.[1] !== undefined && Number(tcp[2]) <= 65535) return { kind: 'tcp', host: tcp[1].replace(/[[\]]/g, ''), port: Number(tcp[2]) };
  throw new AppError('invalid', `unable to parse docker host "${host}": expected unix:///path or tcp://127.0.0.1:PORT`);
}

export interface Listener {
  /** As a client would name it in DOCKER_HOST. */
  readonly address: string;
  close(): Promise<void>;
}

/** Accepts connections until closed; closing ends those that are open and removes a unix socket's file. */
export async function listen(address: ListenAddress, serve: (connection: Duplex) => Promise<void>): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true });
  const open = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.setNoDelay(true);
    void serve(socketDuplex(socket)).catch(() => socket.destroy());
  });
  if (address.kind === 'unix') await removeDeadSocket(address.path);
  await bind(server, address);
  if (address.kind === 'unix') await chmod(address.path, 0o660);
  return {
    address: address.kind === 'unix' ? `unix://${address.path}` : `tcp://${address.host}:${portOf(server)}`,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function bind(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const bound = (): void => {
      server.off('error', reject);
      resolve();
    };
    if (address.kind === 'unix') server.listen(address.path, bound);
    else server.listen(address.port, address.host, bound);
  });
}

/** A socket file that nobody listens on is what a killed engine left; one that answers belongs to somebody. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) throw new AppError('conflict', `${path} exists and is not a socket`);
  const alive = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) throw new AppError('conflict', `another engine listens on ${path}`);
  await rm(path);
}
