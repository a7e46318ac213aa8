import { concatBytes, utf8 } from '../base/bytes.ts';

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
  return batch(messages);
}

const resolver = Uint8Array.of(127, 0, 0, 11);
const localOut = 3;
const postRouting = 4;

interface Message {
  readonly type: number;
  readonly flags: number;
  readonly attributes: readonly Uint8Array[];
}

const create = 0x400;
const append = 0x800;
const acknowledge = 4;
const nftables = 10;

const table = (): Message => ({ type: 0, flags: create, attributes: [text(1, 'nat')] });

function chain(name: string, base?: { readonly hook: number; readonly priority: number }): Message {
  const names = [text(1, 'nat'), text(3, name)];
  if (base === undefined) return { type: 3, flags: create, attributes: names };
  const hook = nest(4, [number(1, base.hook), number(2, base.priority)]);
  return { type: 3, flags: create, attributes: [...names, hook, number(5, 1), text(7, 'nat')] };
}

function rule(of: string, expressions: readonly Uint8Array[]): Message {
  return { type: 6, flags: create | append, attributes: [text(1, 'nat'), text(2, of), nest(4, expressions)] };
}

const destinationIs = (address: Uint8Array): Uint8Array[] => [load({ header: 1, offset: 16, size: 4 }), compare(address)];
const sourceIs = (address: Uint8Array): Uint8Array[] => [load({ header: 1, offset: 12, size: 4 }), compare(address)];
const protocolIs = (protocol: number): Uint8Array[] => [load({ header: 1, offset: 9, size: 1 }), compare(Uint8Array.of(protocol))];
const portIs = (end: 'source' | 'destination', port: number): Uint8Array[] => [
  load({ header: 2, offset: end === 'source' ? 0 : 2, size: 2 }),
  compare(Uint8Array.of(port >> 8, port & 255)),
];

/** @param from header: 1 the network's, 2 the transport's */
function load({ header, offset, size }: { readonly header: number; readonly offset: number; readonly size: number }): Uint8Array {
  return expression('payload', [number(1, 1), number(2, header), number(3, offset), number(4, size)]);
}

const compare = (value: Uint8Array): Uint8Array => expression('cmp', [number(1, 1), number(2, 0), nest(3, [attribute(1, value)])]);
const counter = (): Uint8Array => expression('counter', [attribute(1, new Uint8Array(8)), attribute(2, new Uint8Array(8))]);
const jump = (to: string): Uint8Array => expression('immediate', [number(1, 0), nest(2, [nest(2, [number(1, -3), text(2, to)])])]);

/** xt_nat's DNAT, revision 2: struct nf_nat_range2, address and port given. */
function toResolver(port: number): Uint8Array {
  const range = new Uint8Array(44);
  range[0] = 3;
  range.set(resolver, 4);
  range.set(resolver, 20);
  for (const at of [36, 38]) range.set([port >> 8, port & 255], at);
  return target('DNAT', 2, range);
}

/** Its SNAT, revision 0: struct nf_nat_ipv4_multi_range_compat with one range, the port given. */
function fromPort53(): Uint8Array {
  const range = new Uint8Array(20);
  range[0] = 1;
  range[4] = 2;
  for (const at of [16, 18]) range.set([0, 53], at);
  return target('SNAT', 0, range);
}

const target = (name: string, revision: number, info: Uint8Array): Uint8Array =>
  expression('target', [text(1, name), number(2, revision), attribute(3, info)]);

const expression = (name: string, data: readonly Uint8Array[]): Uint8Array => nest(1, [text(1, name), nest(2, data)]);

/** One transaction; only the last of its messages is answered when all is well. */
function batch(messages: readonly Message[]): Uint8Array {
  const bound = (type: number, sequence: number): Uint8Array =>
    frame({ type, flags: 0, attributes: [] }, { sequence, group: nftables, family: 0 });
  return concatBytes([
    bound(0x10, 0),
    ...messages.map(({ type, flags, attributes }, index) => {
      const answered = index === messages.length - 1 ? acknowledge : 0;
      return frame({ type: (nftables << 8) | type, flags: flags | answered, attributes }, { sequence: index + 1, group: 0, family: 2 });
    }),
    bound(0x11, messages.length + 1),
  ]);
}

/** struct nlmsghdr and struct nfgenmsg. */
function frame(
  { type, flags, attributes }: Message,
  { sequence, group, family }: { readonly sequence: number; readonly group: number; readonly family: number },
): Uint8Array {
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  const whole = concatBytes([head, ...attributes]);
  view.setUint32(0, whole.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | 1, true);
  view.setUint32(8, sequence, true);
  view.setUint8(16, family);
  view.setUint16(18, group);
  whole.set(head);
  return whole;
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + ((value.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

const nest = (type: number, inside: readonly Uint8Array[]): Uint8Array => attribute(0x8000 | type, concatBytes(inside));
const text = (type: number, value: string): Uint8Array => attribute(type, utf8(`${value}\0`));

/** Numbers of nf_tables are in network order. */
function number(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return attribute(type, bytes);
}
