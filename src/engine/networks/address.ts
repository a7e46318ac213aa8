import { isAddress4 } from '../../grammar/address.ts';

/** IPv4 addresses as numbers, for counting. */
export function parseAddress(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** "172.17.0.0/16" */
export function parseSubnet(text: string): Subnet {
  const [address = '', bits = '32'] = text.split('/');
  const prefix = Number(bits);
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(parseAddress(address) / size) * size, prefix };
}

/** Of text from outside; null for what is no CIDR block of IPv4. */
export function readSubnet(text: string): Subnet | null {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !isAddress4(address) || !/^(0|[1-9]\d?)$/.test(bits) || Number(bits) > 32) return null;
  return parseSubnet(text);
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

function lastOf({ base, prefix }: Subnet): number {
  return base + 2 ** (32 - prefix) - 1;
}

export function overlap(one: Subnet, other: Subnet): boolean {
  return one.base <= lastOf(other) && other.base <= lastOf(one);
}

export function isInSubnet(address: number, subnet: Subnet): boolean {
  return address >= subnet.base && address <= lastOf(subnet);
}

/** The network's own address and its broadcast, which nobody gets; a subnet of one or two addresses has neither (libnetwork, ipams/defaultipam). */
export function isReserved(address: number, subnet: Subnet): boolean {
  return subnet.prefix < 31 && (address === subnet.base || address === lastOf(subnet));
}

/** The lowest address of `range` that nobody has and that is not reserved in `subnet`; null when there is none. */
export function lowestFree(subnet: Subnet, taken: ReadonlySet<number>, range: Subnet = subnet): number | null {
  const last = lastOf(range);
  for (let address = range.base; address <= last; address += 1) {
    if (!taken.has(address) && !isReserved(address, subnet)) return address;
  }
  return null;
}

/** 02:42 and the address, as Docker made them until 27: told apart at a glance. */
export function macOf(address: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
