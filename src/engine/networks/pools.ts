import { AppError } from '../../base/errors.ts';
import type { IpamConfig } from '../../protocol/engine-api.ts';
import {
  formatAddress,
  formatSubnet,
  isReserved,
  lowestFree,
  overlap,
  parseAddress,
  parseSubnet,
  readSubnet,
  type Bits,
  type Subnet,
} from './address.ts';
import type { AddressPool } from './network.ts';

interface DefaultPool {
  readonly block: string;
  readonly size: number;
}

/** libnetwork/ipamutils: where networks without a subnet of their own get one, in this order. */
const defaultPools: readonly DefaultPool[] = [
  { block: '172.17.0.0/16', size: 16 },
  { block: '172.18.0.0/16', size: 16 },
  { block: '172.19.0.0/16', size: 16 },
  { block: '172.20.0.0/14', size: 16 },
  { block: '172.24.0.0/14', size: 16 },
  { block: '172.28.0.0/14', size: 16 },
  { block: '192.168.0.0/16', size: 20 },
];

/** The block of local addresses (RFC 4193) that is this engine's: Docker derives its own from what tells the machine from others. @param id hexadecimal */
export function localBlock(id: string): string {
  return formatSubnet(parseSubnet(`fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6, 10)}::/48`));
}

/** The first subnet of the default pools that overlaps with none of `used`. @param local of `localBlock` @throws AppError invalid, in Docker's words */
export function freeSubnet(used: readonly Subnet[], bits: Bits, local: string): Subnet {
  const pools = bits === 32 ? defaultPools : [{ block: local, size: 64 }];
  for (const { block, size } of pools) {
    const pool = parseSubnet(block);
    for (let index = 0n; index < 1n << BigInt(size - pool.prefix); index += 1n) {
      const subnet = { bits, base: pool.base + (index << BigInt(bits - size)), prefix: size };
      if (!used.some((other) => overlap(subnet, other))) return subnet;
    }
  }
  throw new AppError('invalid', 'all predefined address pools have been fully subnetted');
}

/** @throws AppError forbidden where a subnet that was asked for is not free */
function claimSubnet(subnet: Subnet, used: readonly Subnet[]): Subnet {
  if (used.some((other) => overlap(subnet, other)))
    throw new AppError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space');
  return subnet;
}

export interface PoolRequest {
  readonly bits: Bits;
  readonly config: IpamConfig;
  readonly used: readonly Subnet[];
  readonly local: string;
  /** Nobody needs an address that others are led out by. */
  readonly withoutGateway: boolean;
}

/** Subnet, range, gateway and the addresses that containers do not get (libnetwork, ipamAllocateVersion). */
export function allocatePool({ bits, config, used, local, withoutGateway }: PoolRequest): AddressPool {
  const { Subnet: text = '', IPRange: rangeText = '', Gateway: gatewayText = '', AuxiliaryAddresses: others } = config;
  const wanted = readSubnet(text);
  if (wanted?.prefix === 0) throw new AppError('invalid', `${bits === 32 ? 'ipv4' : 'ipv6'} pool is empty`);
  const subnet = wanted === null ? freeSubnet(used, bits, local) : claimSubnet(wanted, used);
  const range = readSubnet(rangeText) ?? subnet;
  const gateway = withoutGateway && gatewayText === '' ? null : gatewayOf(subnet, range, gatewayText);
  const reserved = new Set<bigint>();
  for (const [name, address] of Object.entries(others ?? {})) {
    const number = parseAddress(address);
    if (number === gateway || reserved.has(number) || isReserved(number, subnet))
      throw new AppError('internal', `failed to allocate secondary ip address (${name}:${address}): Address already in use`);
    reserved.add(number);
  }
  return {
    subnet: formatSubnet(subnet),
    isChosen: wanted !== null,
    range: formatSubnet(range),
    gateway: gateway === null ? '' : formatAddress(gateway, bits),
    reserved: [...reserved].map((address) => formatAddress(address, bits)),
  };
}

/** @throws AppError internal, as Docker gives it no class */
function gatewayOf(subnet: Subnet, range: Subnet, text: string): bigint {
  const refuse = (why: string): AppError => new AppError('internal', `failed to allocate gateway (${text}): ${why}`);
  if (text === '') {
    const free = lowestFree(subnet, new Set(), range);
    if (free === null) throw refuse('no available addresses on this pool');
    return free;
  }
  const wanted = parseAddress(text);
  if (isReserved(wanted, subnet)) throw refuse('Address already in use');
  return wanted;
}
