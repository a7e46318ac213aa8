import { addressNumber, addressText, isAddress4, isAddress6 } from '../../grammar/address.ts';

/** Of an address: 32 of IPv4, 128 of IPv6. */
export type Bits = 32 | 128;

/** Addresses are numbers here, for counting. */
export interface Subnet {
  readonly bits: Bits;
  readonly base: bigint;
  readonly prefix: number;
}

/** @param text is an address of IPv4 or IPv6 */
export function parseAddress(text: string): bigint {
  return addressNumber(text);
}

export function formatAddress(address: bigint, bits: Bits): string {
  return addressText(address, bits);
}

/** As it is written by the kernel and by Docker: "FD00:0::1" is "fd00::1". */
export function plainAddress(text: string): string {
  return formatAddress(parseAddress(text), bitsOf(text));
}

export function bitsOf(text: string): Bits {
  return text.includes(':') ? 128 : 32;
}

/** "172.17.0.0/16", "fd00::/64" */
export function parseSubnet(text: string): Subnet {
  const [address = ''] = text.split('/', 1);
  const bits = bitsOf(address);
  const prefix = Number(text.slice(address.length + 1) || bits);
  const host = BigInt(bits - prefix);
  return { bits, base: (parseAddress(address) >> host) << host, prefix };
}

/** Of text from outside; null for what is no CIDR block. */
export function readSubnet(text: string): Subnet | null {
  const [address = '', bits = '', ...more] = text.split('/');
  const is4 = isAddress4(address);
  if (!(is4 || isAddress6(address)) || more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > (is4 ? 32 : 128)) return null;
  return parseSubnet(text);
}

export function formatSubnet({ bits, base, prefix }: Subnet): string {
  return `${formatAddress(base, bits)}/${prefix}`;
}

function lastOf({ bits, base, prefix }: Subnet): bigint {
  return base + (1n << BigInt(bits - prefix)) - 1n;
}

export function overlap(one: Subnet, other: Subnet): boolean {
  return one.bits === other.bits && one.base <= lastOf(other) && other.base <= lastOf(one);
}

/** @param address of the same version */
export function isInSubnet(address: bigint, subnet: Subnet): boolean {
  return address >= subnet.base && address <= lastOf(subnet);
}

/** Whether an address is one, and in the subnet. */
export function holds(subnet: Subnet, text: string): boolean {
  const isOne = subnet.bits === 32 ? isAddress4(text) : isAddress6(text);
  return isOne && isInSubnet(parseAddress(text), subnet);
}

/**
 * The network's own address and of IPv4 its broadcast, which nobody gets; a subnet of one or two addresses of IPv4 has neither (libnetwork,
 * ipams/defaultipam).
 */
export function isReserved(address: bigint, subnet: Subnet): boolean {
  if (subnet.bits === 128) return address === subnet.base;
  return subnet.prefix < 31 && (address === subnet.base || address === lastOf(subnet));
}

/** The lowest address of `range` that nobody has and that is not reserved in `subnet`; null when there is none. */
export function lowestFree(subnet: Subnet, taken: ReadonlySet<bigint>, range: Subnet = subnet): bigint | null {
  const last = lastOf(range);
  for (let address = range.base; address <= last; address += 1n) {
    if (!taken.has(address) && !isReserved(address, subnet)) return address;
  }
  return null;
}

/** "0.0.0.0" or "::". */
export function isNoAddress(text: string): boolean {
  return text === '0.0.0.0' || text === '::';
}

/** 02:42 and the last 32 bits of the address, as Docker made them until 27: told apart at a glance. */
export function macOf(address: bigint): string {
  const bytes = [24n, 16n, 8n, 0n].map((shift) => Number((address >> shift) & 255n));
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
