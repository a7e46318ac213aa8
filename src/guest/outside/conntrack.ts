import { addressBytes } from './setup.ts';
import { attribute, attributesIn, bigEndian16, message, nest, type Received } from '../firewall/netlink.ts';

/** linux/netfilter/nfnetlink_conntrack.h, with the subsystem in front. */
const messageKind = { new: 0x100, get: 0x101 } as const;
const tupleKind = { original: 1, reply: 2 } as const;
const ipv4 = 2;
const tcp = 6;

export interface Way {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

/** Asks for the connection that left the guest this way: what comes back to it comes the other way round. */
export function findConnection({ from, fromPort, to, toPort }: Way): Uint8Array {
  return message(
    { type: messageKind.get, flags: 0, sequence: 1 },
    Uint8Array.of(ipv4, 0, 0, 0),
    nest(
      tupleKind.reply,
      nest(1, attribute(1, addressBytes(to)), attribute(2, addressBytes(from))),
      nest(2, attribute(1, Uint8Array.of(tcp)), attribute(2, bigEndian16(toPort)), attribute(3, bigEndian16(fromPort))),
    ),
  );
}

/** Who made it, before the guest put its own address in its place; null where the kernel knows no such connection. Dotted. */
export function sourceIn(received: readonly Received[]): string | null {
  const body = received.find(({ type }) => type === messageKind.new)?.body;
  const tuple = body === undefined ? undefined : attributesIn(body.subarray(4)).get(tupleKind.original);
  const addresses = tuple === undefined ? undefined : attributesIn(tuple).get(1);
  const source = addresses === undefined ? undefined : attributesIn(addresses).get(1);
  return source?.length === 4 ? source.join('.') : null;
}
