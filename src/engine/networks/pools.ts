import { AppError } from '../../base/errors.ts';
import { overlap, parseSubnet, type Subnet } from './address.ts';

/** libnetwork/ipamutils: where networks without a subnet of their own get one, in this order. */
const defaultPools: readonly { readonly block: string; readonly size: number }[] = [
  { block: '172.17.0.0/16', size: 16 },
  { block: '172.18.0.0/16', size: 16 },
  { block: '172.19.0.0/16', size: 16 },
  { block: '172.20.0.0/14', size: 16 },
  { block: '172.24.0.0/14', size: 16 },
  { block: '172.28.0.0/14', size: 16 },
  { block: '192.168.0.0/16', size: 20 },
];

/** The first subnet of the default pools that overlaps with none of `used`. @throws AppError invalid, in Docker's words */
export function freeSubnet(used: readonly Subnet[]): Subnet {
  for (const { block, size } of defaultPools) {
    const pool = parseSubnet(block);
    for (let index = 0; index < 2 ** (size - pool.prefix); index += 1) {
      const subnet = { base: pool.base + index * 2 ** (32 - size), prefix: size };
      if (!used.some((other) => overlap(subnet, other))) return subnet;
    }
  }
  throw new AppError('invalid', 'all predefined address pools have been fully subnetted');
}

/** @throws AppError forbidden where a subnet that was asked for is not free */
export function claimSubnet(subnet: Subnet, used: readonly Subnet[]): Subnet {
  if (used.some((other) => overlap(subnet, other)))
    throw new AppError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space');
  return subnet;
}
