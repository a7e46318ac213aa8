import { concatBytes } from '../../base/bytes.ts';
import { base, compare, expression, payload, verdict, verdictCode } from '../firewall/expressions.ts';
import { attribute, bigEndian16, message, messageFlag, native32, nest, number32, text } from '../firewall/netlink.ts';
import { inBatch, messageKind, ofTables } from '../firewall/transaction.ts';

/** The two ends of the guest's way out: a veth pair between the guest and the network outside. */
export const link = { name: 'eth0', address: '100.64.0.2', gateway: '100.64.0.1', prefix: 30, mac: '02:42:64:40:00:02' } as const;

/** linux/rtnetlink.h, if_link.h, if_addr.h */
const routing = { newLink: 16, getLink: 18, newAddress: 20, newRoute: 24 } as const;
const linkAttribute = { address: 1, name: 3, info: 18, spacePid: 19 } as const;
const { create, acknowledge } = messageFlag;
const exclusive = 0x200;
const replace = 0x100;
const isUp = 1;
const lo = 1;
/** Of the pair's end outside: the first after lo of a new name space. */
const outer = 2;

export interface Ports {
  readonly udpPort: number;
  readonly tcpPort: number;
}

/** Inside of the new name space: the pair, whose other end is the guest's, an address, and the way back to whoever comes with an address of his own. */
export function links(): Uint8Array {
  const peer = nest(
    1,
    concatBytes([
      linkHeader({ index: 0, up: false }),
      text(linkAttribute.name, link.name),
      native32(linkAttribute.spacePid, 1),
      attribute(linkAttribute.address, macBytes(link.mac)),
    ]),
  );
  const pair = nest(linkAttribute.info, concatBytes([text(1, 'veth'), nest(2, peer)]));
  return concatBytes([
    message({ type: routing.newLink, flags: 0, sequence: 1 }, linkHeader({ index: lo, up: true })),
    message(
      { type: routing.newLink, flags: create | exclusive, sequence: 2 },
      linkHeader({ index: outer, up: true }),
      text(linkAttribute.name, 'guest'),
      pair,
    ),
    address(outer, link.gateway, { flags: create, sequence: 3 }),
    defaultRoute(link.address, { flags: create | acknowledge, sequence: 4 }),
  ]);
}

/**
 * There every TCP connection is led to the one socket, every question for a name to the other, and all else is told at once that nobody is there. In a
 * table of its own in a name space of its own: what the guest's iptables show is Docker's alone.
 */
export function rules({ udpPort, tcpPort }: Ports): Uint8Array {
  const table = text(1, 'outside');
  const chain = (name: string, type: 'nat' | 'filter', priority: number) => (sequence: number) =>
    ofTables(
      messageKind.newChain,
      { flags: create, sequence },
      table,
      text(3, name),
      nest(4, number32(1, 0), number32(2, priority >>> 0)),
      number32(5, 1),
      text(7, type),
    );
  const rule =
    (of: string, ...expressions: readonly Uint8Array[]) =>
    (sequence: number) =>
      ofTables(messageKind.newRule, { flags: create | messageFlag.append, sequence }, table, text(2, of), nest(4, ...expressions));
  const accept = verdict(verdictCode.ACCEPT, null);
  const messages = [
    (sequence: number) => ofTables(messageKind.newTable, { flags: create, sequence }, table),
    chain('lead', 'nat', -100),
    chain('refuse', 'filter', 0),
    rule('lead', ...protocolIs(6), ...redirect(tcpPort)),
    rule('lead', ...protocolIs(17), ...toPort(53), ...redirect(udpPort)),
    rule('refuse', ...protocolIs(6), accept),
    rule('refuse', ...protocolIs(17), ...toPort(udpPort), accept),
    rule('refuse', payload(base.network, 16, 4), compare(addressBytes(link.gateway)), accept),
    // A socket of UDP hears of a port that is not reachable, and of nothing milder (udp(7)).
    rule('refuse', ...protocolIs(17), unreachable(3)),
    rule('refuse', unreachable(0)),
  ];
  return inBatch(messages.map((make, index) => make(index + 1)));
}

/** Asks for the guest's end, whose index the kernel gives. */
export function findLink(): Uint8Array {
  return message(
    { type: routing.getLink, flags: 0, sequence: 1 },
    linkHeader({ index: 0, up: false }),
    text(linkAttribute.name, link.name),
  );
}

/** The guest's end: up, with its address, and the way to all that is nowhere else. */
export function guestEnd(index: number): Uint8Array {
  return concatBytes([
    message({ type: routing.newLink, flags: 0, sequence: 1 }, linkHeader({ index, up: true })),
    address(index, link.address, { flags: create | replace, sequence: 2 }),
    defaultRoute(link.gateway, { flags: create | replace | acknowledge, sequence: 3 }),
  ]);
}

/** struct ifinfomsg */
function linkHeader({ index, up }: { readonly index: number; readonly up: boolean }): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, up ? isUp : 0, true);
  view.setUint32(12, up ? isUp : 0, true);
  return bytes;
}

interface Order {
  readonly flags: number;
  readonly sequence: number;
}

function address(index: number, of: string, order: Order): Uint8Array {
  const header = new Uint8Array(8);
  header.set([2, link.prefix]);
  new DataView(header.buffer).setUint32(4, index, true);
  const bytes = addressBytes(of);
  return message({ type: routing.newAddress, ...order }, header, attribute(1, bytes), attribute(2, bytes));
}

/** struct rtmsg: IPv4, the main table, RTPROT_BOOT, everywhere, RTN_UNICAST. */
function defaultRoute(gateway: string, order: Order): Uint8Array {
  const header = new Uint8Array(12);
  header.set([2, 0, 0, 0, 254, 3, 0, 1]);
  return message({ type: routing.newRoute, ...order }, header, attribute(5, addressBytes(gateway)));
}

const protocolIs = (protocol: number): Uint8Array[] => [payload(base.network, 9, 1), compare(Uint8Array.of(protocol))];
const toPort = (port: number): Uint8Array[] => [payload(base.transport, 2, 2), compare(bigEndian16(port))];

/** By ICMP; the code says what. */
const unreachable = (code: number): Uint8Array => expression('reject', number32(1, 0), attribute(2, Uint8Array.of(code)));

/** Its lowest port from register 1; NF_NAT_RANGE_PROTO_SPECIFIED. */
const redirect = (port: number): Uint8Array[] => [
  expression('immediate', number32(1, 1), nest(2, attribute(1, bigEndian16(port)))),
  expression('redir', number32(1, 1), number32(3, 2)),
];

export const addressBytes = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);
const macBytes = (text: string): Uint8Array => Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
