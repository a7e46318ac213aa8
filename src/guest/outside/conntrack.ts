import { addressBytes } from './setup.ts';
import { addressPart, flowMessage, flowPart, protocolPart, tuplePart } from '../firewall/conntrack.ts';
import { attribute, attributesIn, bigEndian16, message, nest, type Received } from '../firewall/netlink.ts';

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
    { type: flowMessage.get, flags: 0, sequence: 1 },
    Uint8Array.of(ipv4, 0, 0, 0),
    nest(
      flowPart.reply,
      nest(tuplePart.addresses, attribute(addressPart.source, addressBytes(to)), attribute(addressPart.destination, addressBytes(from))),
      nest(
        tuplePart.protocol,
        attribute(protocolPart.number, Uint8Array.of(tcp)),
        attribute(protocolPart.source, bigEndian16(toPort)),
        attribute(protocolPart.destination, bigEndian16(fromPort)),
      ),
    ),
  );
}

/** Who made it, before the guest put its own address in its place; null where the kernel knows no such connection. Dotted. */
export function sourceIn(received: readonly Received[]): string | null {
  const body = received.find(({ type }) => type === flowMessage.new)?.body;
  const tuple = body === undefined ? undefined : attributesIn(body.subarray(4)).get(flowPart.original);
  const addresses = tuple === undefined ? undefined : attributesIn(tuple).get(tuplePart.addresses);
  const source = addresses === undefined ? undefined : attributesIn(addresses).get(addressPart.source);
  return source?.length === 4 ? source.join('.') : null;
}
