import { AppError } from '../../base/errors.ts';
import { addressNumber, isAddress4 } from '../../grammar/address.ts';
import type { FirewallFamily } from '../../protocol/firewall.ts';
import { attribute, bigEndian16, nest, number32, number64, text } from './netlink.ts';
import type { Block, Condition, Match, Rule, Target } from './words.ts';

/** linux/netfilter/nf_tables.h */
const register = { verdict: 0, one: 1 } as const;
const metaKey = { into: 6, outOf: 7, protocol: 16 } as const;
export const base = { network: 1, transport: 2 } as const;
export const verdictCode = { DROP: 0, ACCEPT: 1, RETURN: 0xfffffffb, jump: 0xfffffffd } as const;
const protocolNumber = { tcp: 6, udp: 17 } as const;
/** Of struct iphdr and struct ipv6hdr. */
const addressOffset = { ip: { source: 12, destination: 16 }, ip6: { source: 8, destination: 24 } } as const;

/** What struct sizes of x_tables are rounded up to: the alignment of a u64, 4 on i386 and 8 on x86_64. */
export type Alignment = 4 | 8;

/**
 * The expressions that iptables-nft 1.8.9 makes of a rule, in its order: interfaces, protocol, addresses, port, matches, a counter, the target. What
 * nf_tables has no expression for that iptables knows goes as a match or target of x_tables (nft_compat).
 */
export function expressions(rule: Rule, family: FirewallFamily, alignment: Alignment): Uint8Array[] {
  const { source: sourceAt, destination: destinationAt } = addressOffset[family];
  const { into, outOf, protocol, source, destination, matches, target } = rule;
  return [
    ...(into === null ? [] : interfaceNamed(metaKey.into, into)),
    ...(outOf === null ? [] : interfaceNamed(metaKey.outOf, outOf)),
    ...(protocol === null ? [] : [meta(metaKey.protocol), compare(new Uint8Array([protocolNumber[protocol]]), false)]),
    ...(source === null ? [] : addressIn(sourceAt, source)),
    ...(destination === null ? [] : addressIn(destinationAt, destination)),
    ...matches.flatMap((match) => matchOf(match, alignment)),
    expression('counter', number64(1, 0), number64(2, 0)),
    targetOf(target, family, alignment),
  ];
}

export function expression(name: string, ...data: readonly Uint8Array[]): Uint8Array {
  return nest(1, text(1, name), nest(2, ...data));
}

function meta(key: number): Uint8Array {
  return expression('meta', number32(2, key), number32(1, register.one));
}

export function compare(value: Uint8Array, not = false): Uint8Array {
  return expression('cmp', number32(1, register.one), number32(2, not ? 1 : 0), nest(3, attribute(1, value)));
}

function interfaceNamed(key: number, { value, not }: Condition<string>): Uint8Array[] {
  return [meta(key), compare(new TextEncoder().encode(`${value}\0`), not)];
}

export function payload(from: number, offset: number, size: number): Uint8Array {
  return expression('payload', number32(1, register.one), number32(2, from), number32(3, offset), number32(4, size));
}

/** Whole bytes of a prefix are read alone; what is left of one is masked. */
function addressIn(offset: number, { value: { address, prefix }, not }: Condition<Block>): Uint8Array[] {
  const bytes = addressBytes(address);
  if (prefix % 8 === 0) {
    const size = prefix / 8;
    return [payload(base.network, offset, size), compare(bytes.subarray(0, size), not)];
  }
  const mask = maskOf(prefix, bytes.length);
  const masked = expression(
    'bitwise',
    number32(1, register.one),
    number32(2, register.one),
    number32(3, bytes.length),
    nest(4, attribute(1, mask)),
    nest(5, attribute(1, new Uint8Array(bytes.length))),
  );
  return [payload(base.network, offset, bytes.length), masked, compare(bytes, not)];
}

function maskOf(prefix: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * at))) & 0xff);
}

function matchOf(match: Match, alignment: Alignment): Uint8Array[] {
  switch (match.kind) {
    case 'port':
      return [payload(base.transport, 2, 2), compare(bigEndian16(match.port), false)];
    case 'type':
      return [xtables('match', { name: 'addrtype', revision: 1 }, addressType(match.of, alignment))];
    case 'states':
      return [xtables('match', { name: 'conntrack', revision: 3 }, states(match.states, alignment))];
  }
}

function targetOf(target: Target, family: FirewallFamily, alignment: Alignment): Uint8Array {
  switch (target.kind) {
    case 'verdict':
      return verdict(verdictCode[target.name], null);
    case 'jump':
      return verdict(verdictCode.jump, target.to);
    case 'masquerade':
      return xtables('target', { name: 'MASQUERADE', revision: 0 }, family === 'ip' ? oneRange(alignment) : structure(40, alignment).bytes);
    case 'destination':
      return xtables('target', { name: 'DNAT', revision: 2 }, range(target, alignment));
  }
}

export function verdict(code: number, chain: string | null): Uint8Array {
  const inside = chain === null ? [number32(1, code)] : [number32(1, code), text(2, chain)];
  return expression('immediate', number32(1, register.verdict), nest(2, nest(2, ...inside)));
}

export function xtables(
  kind: 'match' | 'target',
  { name, revision }: { readonly name: string; readonly revision: number },
  information: Uint8Array,
): Uint8Array {
  return expression(kind, text(1, name), number32(2, revision), attribute(3, information));
}

function structure(size: number, alignment: Alignment): { readonly bytes: Uint8Array<ArrayBuffer>; readonly view: DataView } {
  const bytes = new Uint8Array(Math.ceil(size / alignment) * alignment);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** struct xt_addrtype_info_v1 with RTN_LOCAL. */
function addressType(of: 'source' | 'destination', alignment: Alignment): Uint8Array {
  const { bytes, view } = structure(8, alignment);
  view.setUint16(of === 'source' ? 0 : 2, 1 << 2, true);
  return bytes;
}

/** XT_CONNTRACK_STATE_BIT */
const stateBit: ReadonlyMap<string, number> = new Map([
  ['INVALID', 1],
  ['ESTABLISHED', 2],
  ['RELATED', 4],
  ['NEW', 8],
]);

/** struct xt_conntrack_mtinfo3, of which match_flags and state_mask are set. */
function states(names: readonly string[], alignment: Alignment): Uint8Array {
  const { bytes, view } = structure(162, alignment);
  view.setUint16(146, 1, true);
  let mask = 0;
  for (const name of names) mask |= stateBit.get(name) ?? unknownState(name);
  view.setUint16(150, mask, true);
  return bytes;
}

function unknownState(name: string): never {
  throw new AppError('internal', `iptables --ctstate ${name}: not a state that is understood here`);
}

/** struct nf_nat_ipv4_multi_range_compat with one range of nothing; of IPv6 it is struct nf_nat_range, of nothing, too. */
function oneRange(alignment: Alignment): Uint8Array {
  const { bytes, view } = structure(20, alignment);
  view.setUint32(0, 1, true);
  return bytes;
}

/** struct nf_nat_range2 from and to one address and port (NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED). */
function range({ address, port }: { readonly address: string; readonly port: number }, alignment: Alignment): Uint8Array {
  const { bytes, view } = structure(42, alignment);
  view.setUint32(0, 3, true);
  for (const at of [4, 20]) bytes.set(addressBytes(address), at);
  for (const at of [36, 38]) view.setUint16(at, port);
  return bytes;
}

function addressBytes(address: string): Uint8Array {
  const number = addressNumber(address);
  const length = isAddress4(address) ? 4 : 16;
  return Uint8Array.from({ length }, (_, at) => Number((number >> BigInt(8 * (length - 1 - at))) & 255n));
}
