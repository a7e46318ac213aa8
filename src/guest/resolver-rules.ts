import { base, compare, expression, payload, verdict, verdictCode, xtables } from './firewall/expressions.ts';
import { bigEndian16, messageFlag, nest, number32, number64, text } from './firewall/netlink.ts';
import { inBatch, messageKind, ofTables } from './firewall/transaction.ts';

/**
 * The rules that lead what a container sends to 127.0.0.11:53 to the two sockets of its resolver, so that port 53 stays free for its own programs: the
 * chains of libnetwork's resolver in the table `nat`, in the form in which iptables-nft writes and lists them. One batch for nfnetlink(7), as
 * linux/netfilter/nf_tables.h has it.
 */
export function resolverRules({ udpPort, tcpPort }: { readonly udpPort: number; readonly tcpPort: number }): Uint8Array {
  const messages = [
    table(),
    chain('OUTPUT', { hook: localOut, priority: -100 }),
    chain('POSTROUTING', { hook: postRouting, priority: 100 }),
    chain('DOCKER_OUTPUT'),
    chain('DOCKER_POSTROUTING'),
    rule('OUTPUT', [...destinationIs(resolver), counter(), jump('DOCKER_OUTPUT')]),
    rule('POSTROUTING', [...destinationIs(resolver), counter(), jump('DOCKER_POSTROUTING')]),
    ...[
      { protocol: 6, port: tcpPort },
      { protocol: 17, port: udpPort },
    ].flatMap(({ protocol, port }) => [
      rule('DOCKER_OUTPUT', [
        ...destinationIs(resolver),
        ...protocolIs(protocol),
        ...portIs('destination', 53),
        counter(),
        toResolver(port),
      ]),
      rule('DOCKER_POSTROUTING', [...sourceIs(resolver), ...protocolIs(protocol), ...portIs('source', port), counter(), fromPort53()]),
    ]),
  ];
  return inBatch(messages.map((message, index) => message(index + 1)));
}

const resolver = Uint8Array.of(127, 0, 0, 11);
const localOut = 3;
const postRouting = 4;

/** Waits for its place in the batch. */
type Message = (sequence: number) => Uint8Array;

const { create, append } = messageFlag;

const table =
  (): Message =>
  (sequence): Uint8Array =>
    ofTables(messageKind.newTable, { flags: create, sequence }, text(1, 'nat'));

function chain(name: string, own?: { readonly hook: number; readonly priority: number }): Message {
  const names = [text(1, 'nat'), text(3, name)];
  const place = own === undefined ? [] : [nest(4, number32(1, own.hook), number32(2, own.priority >>> 0)), number32(5, 1), text(7, 'nat')];
  return (sequence) => ofTables(messageKind.newChain, { flags: create, sequence }, ...names, ...place);
}

function rule(of: string, expressions: readonly Uint8Array[]): Message {
  const body = [text(1, 'nat'), text(2, of), nest(4, ...expressions)];
  return (sequence) => ofTables(messageKind.newRule, { flags: create | append, sequence }, ...body);
}

const destinationIs = (address: Uint8Array): Uint8Array[] => [payload(base.network, 16, 4), compare(address)];
const sourceIs = (address: Uint8Array): Uint8Array[] => [payload(base.network, 12, 4), compare(address)];
const protocolIs = (protocol: number): Uint8Array[] => [payload(base.network, 9, 1), compare(Uint8Array.of(protocol))];
const portIs = (end: 'source' | 'destination', port: number): Uint8Array[] => [
  payload(base.transport, end === 'source' ? 0 : 2, 2),
  compare(bigEndian16(port)),
];

const counter = (): Uint8Array => expression('counter', number64(1, 0), number64(2, 0));
const jump = (to: string): Uint8Array => verdict(verdictCode.jump, to);

/** xt_nat's DNAT, revision 2: struct nf_nat_range2, address and port given. */
function toResolver(port: number): Uint8Array {
  const range = new Uint8Array(44);
  range[0] = 3;
  range.set(resolver, 4);
  range.set(resolver, 20);
  for (const at of [36, 38]) range.set(bigEndian16(port), at);
  return xtables('target', { name: 'DNAT', revision: 2 }, range);
}

/** Its SNAT, revision 0: struct nf_nat_ipv4_multi_range_compat with one range, the port given. */
function fromPort53(): Uint8Array {
  const range = new Uint8Array(20);
  range[0] = 1;
  range[4] = 2;
  for (const at of [16, 18]) range.set(bigEndian16(53), at);
  return xtables('target', { name: 'SNAT', revision: 0 }, range);
}
