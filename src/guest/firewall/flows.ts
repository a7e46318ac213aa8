import { bigEndian16, attributesIn, attribute, message, messageFlag, native32, nest, type Received } from './netlink.ts';
import type { FirewallFamily } from '../../protocol/firewall.ts';

/** linux/netfilter/nfnetlink_conntrack.h */
const subsystem = 1;
const kind = { new: 0, get: 1, delete: 2 } as const;
const part = { original: 1, id: 12, filter: 25 } as const;
const ofTuple = { addresses: 1, protocol: 2 } as const;
const ofProtocol = { number: 1, destination: 3 } as const;
const originalFlags = 1;
/** Of a filter: what of a tuple counts. */
const counts = { protocol: 1 << 3, destination: 1 << 5 } as const;
const familyNumber = { ip: 2, ip6: 10 } as const;
const dump = 0x300;
const udp = 17;
/** struct nfgenmsg */
const headerBytes = 4;

/** A flow of UDP, as conntrack has it. */
export interface Flow {
  /** Where the first datagram was for. */
  readonly port: number;
  readonly tuple: Uint8Array;
  readonly id: Uint8Array;
}

/** Asks for the flows of UDP. @param port null: to any */
export function askingForUdp(family: FirewallFamily, port: number | null): Uint8Array {
  const isChosen = port !== null;
  return message(
    { type: (subsystem << 8) | kind.get, flags: dump, sequence: 1 },
    Uint8Array.of(familyNumber[family], 0, 0, 0),
    nest(
      part.original,
      nest(
        ofTuple.protocol,
        attribute(ofProtocol.number, Uint8Array.of(udp)),
        ...(isChosen ? [attribute(ofProtocol.destination, bigEndian16(port))] : []),
      ),
    ),
    nest(part.filter, native32(originalFlags, counts.protocol | (isChosen ? counts.destination : 0))),
  );
}

/** Those that the kernel told. */
export function flowsIn(received: readonly Received[]): Flow[] {
  return received.flatMap(({ type, body }) => {
    if (type !== ((subsystem << 8) | kind.new) || body.length < headerBytes) return [];
    const parts = attributesIn(body.subarray(headerBytes));
    const [tuple, id] = [parts.get(part.original), parts.get(part.id)];
    const protocol = attributesIn(attributesIn(tuple ?? new Uint8Array()).get(ofTuple.protocol) ?? new Uint8Array());
    const [number, port] = [protocol.get(ofProtocol.number), protocol.get(ofProtocol.destination)];
    if (tuple === undefined || id === undefined || number?.[0] !== udp || port?.length !== 2) return [];
    return [{ port: ((port[0] ?? 0) << 8) | (port[1] ?? 0), tuple, id }];
  });
}

/** Takes one away. */
export function forgetting(family: FirewallFamily, { tuple, id }: Flow, sequence: number): Uint8Array {
  return message(
    { type: (subsystem << 8) | kind.delete, flags: messageFlag.acknowledge, sequence },
    Uint8Array.of(familyNumber[family], 0, 0, 0),
    nest(part.original, tuple),
    attribute(part.id, id),
  );
}
