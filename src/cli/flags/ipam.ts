import { addressNumber, isAddress, isAddress4 } from '../../grammar/address.ts';
import { StatusError } from '../errors.ts';

/** One of IPAM.Config in the body of POST /networks/create. */
export interface IpamConfig {
  readonly Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

export interface IpamFlags {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
  /** Name to address. */
  readonly aux: Readonly<Record<string, string>>;
}

/** docker/cli, network create, createIPAMConfig: each range, gateway and address goes to the subnet that has it. Throws StatusError. */
export function ipamConfigs({ subnets, ranges, gateways, aux }: IpamFlags): readonly IpamConfig[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    throw refuse('every ip-range or gateway must have a corresponding subnet');
  const configs = new Map<string, IpamConfig>();
  for (const subnet of subnets) {
    for (const known of configs.keys())
      if (contains(subnet, known) || contains(known, subnet)) throw refuse('multiple overlapping subnet configuration is not supported');
    configs.set(subnet, { Subnet: subnet });
  }
  const of = (what: string, address: string): IpamConfig => {
    const found = [...configs.values()].find(({ Subnet: subnet }) => contains(subnet, address));
    if (found === undefined) throw refuse(`no matching subnet for ${what} ${address}`);
    return found;
  };
  for (const range of ranges) {
    if (!range.includes('/')) throw refuse(`invalid CIDR address: ${range}`);
    const config = of('range', range);
    if (config.IPRange !== undefined)
      throw refuse(`cannot configure multiple ranges (${range}, ${config.IPRange}) on the same subnet (${config.Subnet})`);
    config.IPRange = range;
  }
  for (const gateway of gateways) {
    const config = of('gateway', gateway);
    if (config.Gateway !== undefined)
      throw refuse(`cannot configure multiple gateways (${gateway}, ${config.Gateway}) for the same subnet (${config.Subnet})`);
    config.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(aux))
    (of('aux-address', address).AuxiliaryAddresses ??= Object.create(null))[name] = address;
  return [...configs.values()];
}

/** Go's IPNet.Contains of an address, or of the address of a CIDR block. */
function contains(subnet: string, data: string): boolean {
  const [base = '', bits = ''] = subnet.split('/');
  const [address = '', ownBits = ''] = data.split('/');
  const width = isAddress4(base) ? 32 : 128;
  const isBlock = isAddress(base) && /^\d{1,3}$/.test(bits) && Number(bits) <= width;
  if (!isBlock) throw refuse(`invalid subnet: invalid CIDR address: ${subnet}`);
  const isRight = isAddress(address) && Number(ownBits) <= (isAddress4(address) ? 32 : 128);
  if (!isRight && data.includes('/')) throw refuse(`invalid CIDR address: ${data}`);
  if (!isRight || isAddress4(base) !== isAddress4(address)) return false;
  const host = BigInt(width - Number(bits));
  return addressNumber(base) >> host === addressNumber(address) >> host;
}

function refuse(message: string): StatusError {
  return new StatusError(1, message);
}
