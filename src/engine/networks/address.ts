import { AppError } from '../../base/errors.ts';

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

/** The lowest address that nobody has, never the network's own or its broadcast. @throws AppError exhausted, in Docker's words */
export function lowestFree({ base, prefix }: Subnet, taken: ReadonlySet<number>): number {
  const last = base + 2 ** (32 - prefix) - 1;
  for (let address = base + 1; address < last; address += 1) {
    if (!taken.has(address)) return address;
  }
  throw new AppError('exhausted', "no available IPv4 addresses on this network's address pools");
}

/** 02:42 and the address, as Docker made them until 27: told apart at a glance. */
export function macOf(address: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
