import { bigEndian16, attributesIn, attribute, message, messageFlag, native32, nest, type Received } from './netlink.ts';
import { flowMessage, flowPart, protocolPart, tuplePart } from './conntrack.ts';
import type { FirewallFamily } from '../../protocol/firewall.ts';

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
    { type: flowMessage.get, flags: dump, sequence: 1 },
    Uint8Array.of(familyNumber[family], 0, 0, 0),
    nest(
      flowPart.original,
      nest(
        tuplePart.protocol,
        attribute(protocolPart.number, Uint8Array.of(udp)),
        ...(isChosen ? [attribute(protocolPart.destination, bigEndian16(port))] : []),
      ),
    ),
    nest(flowPart.filter, native32(originalFlags, counts.protocol | (isChosen ? counts.destination : 0))),
  );
}

/** Those that the kernel told. */
export function flowsIn(received: readonly Received[]): Flow[] {
  return received.flatMap(({ type, body }) => {
    if (type !== flowMessage.new || body.length < headerBytes) return [];
    const parts = attributesIn(body.subarray(headerBytes));
    const [tuple, id] = [parts.get(flowPart.original), parts.get(flowPart.id)];
    const protocol = attributesIn(attributesIn(tuple ?? new Uint8Array()).get(tuplePart.protocol) ?? new Uint8Array());
    const [number, port] = [protocol.get(protocolPart.number), protocol.get(protocolPart.destination)];
    if (tuple === undefined || id === undefined || number?.[0] !== udp || port?.length !== 2) return [];
    return [{ port: ((port[0] ?? 0) << 8) | (port[1] ?? 0), tuple, id }];
  });
}

/** Takes one away. */
export function forgetting(family: FirewallFamily, { tuple, id }: Flow, sequence: number): Uint8Array {
  return message(
    { type: flowMessage.delete, flags: messageFlag.acknowledge, sequence },
    Uint8Array.of(familyNumber[family], 0, 0, 0),
    nest(flowPart.original, tuple),
    attribute(flowPart.id, id),
  );
}
