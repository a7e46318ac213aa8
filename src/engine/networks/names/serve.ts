import { concatBytes } from '../../../base/bytes.ts';
import type { Clock } from '../../clock.ts';
import type { ResolverConnection, ResolverSockets } from '../../runtime.ts';

/** @returns null where nothing is answered; a promise where somebody else has to be asked first */
export type AnswerPacket = (packet: Uint8Array, transport: 'udp' | 'tcp') => Answered;
export type Answered = Uint8Array | null | Promise<Uint8Array | null>;

/** At once, of one container; more are turned away. */
const mostConnections = 32;
/** Questions by UDP of one container that somebody else is asked for; more are lost, as datagrams are. */
const mostWaiting = 64;
/** On one connection, as miekg/dns's servers. */
const mostQueries = 128;
/** Milliseconds that a connection may say nothing whole. */
const idleTime = 8000;

/** Answers what comes to the sockets, one packet after the other, until they are closed. */
export function serveNames(sockets: ResolverSockets, answer: AnswerPacket, clock: Clock): void {
  let connections = 0;
  sockets.connected((connection) => {
    if (connections >= mostConnections) {
      connection.reset();
      return;
    }
    connections += 1;
    void serveNameConnection(connection, (packet) => answer(packet, 'tcp'), clock).finally(() => (connections -= 1));
  });
  // A guest that is gone asks nothing any more.
  serveNameDatagrams(sockets, answer).catch(() => undefined);
}

export async function serveNameDatagrams(sockets: Pick<ResolverSockets, 'receive' | 'send'>, answer: AnswerPacket): Promise<void> {
  let waiting = 0;
  for (let datagram = await sockets.receive(); datagram !== null; datagram = await sockets.receive()) {
    const asked = datagram;
    if (waiting >= mostWaiting) continue;
    const answered = answer(asked.data, 'udp');
    if (answered instanceof Promise) {
      waiting += 1;
      const sent = answered.then((data) => (data === null ? undefined : sockets.send({ ...asked, data })));
      void sent.catch(() => undefined).finally(() => (waiting -= 1));
    } else if (answered !== null) await sockets.send({ ...asked, data: answered });
  }
}

/** RFC 1035, 4.2.2: each message with its length in front. Never rejects. */
export async function serveNameConnection(
  connection: ResolverConnection,
  answer: (packet: Uint8Array) => Answered,
  clock: Clock,
): Promise<void> {
  const { source, sink } = connection;
  let [left, pending] = [mostQueries, new Uint8Array()];
  try {
    while (left > 0) {
      const length = pending.length < 2 ? null : ((pending[0] ?? 0) << 8) | (pending[1] ?? 0);
      if (length === null || pending.length < 2 + length) {
        const more = await withinIdleTime(source.read(), clock);
        if (more === null) break;
        pending = concatBytes([pending, more]);
        continue;
      }
      const reply = await answer(pending.slice(2, 2 + length));
      if (reply === null) break;
      await sink.write(concatBytes([Uint8Array.of(reply.length >> 8, reply.length & 255), reply]));
      pending = pending.slice(2 + length);
      left -= 1;
    }
    await sink.close();
  } catch {
    // It was reset, or the guest is gone: there is nobody to tell.
  } finally {
    // What was written is on its way before the end is.
    connection.end();
  }
}

/** null also when it took too long. */
async function withinIdleTime(read: Promise<Uint8Array | null>, clock: Clock): Promise<Uint8Array | null> {
  const timer = new AbortController();
  const late = clock.after(idleTime, timer.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([read, late]);
  } finally {
    timer.abort();
  }
}
