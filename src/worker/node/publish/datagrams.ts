import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { GuestDatagrams } from '../../../guest/sockets.ts';
import type { Published, Sockets } from './published.ts';

/** Who sends to the port at a time; the one that was silent longest makes room for another. */
const mostPeers = 256;
/** Milliseconds without a word, as docker-proxy has it. */
const patience = 90_000;

interface Peer {
  readonly inside: Promise<GuestDatagrams>;
  timer: NodeJS.Timeout;
}

/** A UDP port of this machine that leads to one of the guest; each peer has a socket there. @throws NodeJS.ErrnoException of the bind */
export async function publishDatagrams({ address, port, guest }: Published, sockets: Sockets): Promise<() => Promise<void>> {
  const outside = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  const peers = new Map<string, Peer>();
  const forget = (key: string): void => {
    const peer = peers.get(key);
    if (peer === undefined) return;
    peers.delete(key);
    clearTimeout(peer.timer);
    void peer.inside.then((inside) => inside.close()).catch(() => undefined);
  };
  const peerOf = (from: RemoteInfo): Peer => {
    const key = `${from.address} ${from.port}`;
    const found = peers.get(key);
    const timer = setTimeout(() => forget(key), patience).unref();
    if (found !== undefined) {
      clearTimeout(found.timer);
      found.timer = timer;
      // The last to speak is the last to go.
      peers.delete(key);
      peers.set(key, found);
      return found;
    }
    const [silent] = peers.keys();
    if (peers.size >= mostPeers && silent !== undefined) forget(silent);
    const peer = { inside: sockets.bind({ container: '', address: '0.0.0.0', port: 0 }), timer };
    peers.set(key, peer);
    peer.inside
      .then((inside) => answer(inside, outside, from))
      .then(
        () => forget(key),
        () => forget(key),
      );
    return peer;
  };
  outside.on('message', (data, from) => {
    const { inside } = peerOf(from);
    // What finds no way is lost, as datagrams are.
    void inside.then((socket) => socket.send({ address: guest, port, data })).catch(() => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    outside.once('error', reject);
    outside.bind({ address, port, exclusive: true }, () => {
      outside.off('error', reject);
      outside.on('error', () => undefined);
      resolve();
    });
  });
  return async () => {
    for (const key of [...peers.keys()]) forget(key);
    await new Promise<void>((resolve) => outside.close(() => resolve()));
  };
}

async function answer(inside: GuestDatagrams, outside: Socket, to: RemoteInfo): Promise<void> {
  for (let datagram = await inside.receive(); datagram !== null; datagram = await inside.receive())
    outside.send(datagram.data, to.port, to.address);
}
