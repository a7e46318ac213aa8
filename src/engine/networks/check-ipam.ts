import { AppError } from '../../base/errors.ts';
import { isAddress, isAddress4, isAddress6 } from '../../grammar/address.ts';
import type { IpamConfig } from '../../protocol/engine-api.ts';
import { formatAddress, isInSubnet, parseAddress, readSubnet, type Subnet } from './address.ts';

/**
 * api/types/network/ipam.go, ValidateIPAM: all that is wrong is told at once. What is of IPv6 is not looked at: a network without it leaves that
 * part of its configuration alone.
 * @throws AppError invalid, in Docker's words
 */
export function checkIpam(configs: readonly IpamConfig[]): void {
  const wrong = configs.flatMap(wrongIn);
  const listed = wrong.length === 1 ? wrong : wrong.map((why) => `* ${why}`);
  if (wrong.length > 0) throw new AppError('invalid', `invalid network config:\n${listed.join('\n')}`);
}

/** Whether it is a subnet of IPv6, which Docker takes note of and leaves unused where IPv6 is off. */
export function isSubnet6({ Subnet: subnet = '' }: IpamConfig): boolean {
  const [address = '', bits = ''] = subnet.split('/');
  return isAddress6(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= 128;
}

function wrongIn(config: IpamConfig): string[] {
  const { Subnet: text = '', IPRange: range = '', Gateway: gateway = '', AuxiliaryAddresses: others } = config;
  if (isSubnet6(config)) return [];
  const subnet = readSubnet(text);
  if (subnet === null) return [`invalid subnet ${text}: invalid CIDR block notation`];
  return [
    ...notMasked('subnet', text, subnet),
    ...(range === '' ? [] : wrongRange(range, text, subnet)),
    ...(gateway === '' ? [] : wrongAddress(`gateway ${gateway}`, gateway, text, subnet)),
    ...Object.entries(others ?? {})
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([name, address]) => wrongAddress(`auxiliary address ${name}`, address, text, subnet)),
  ];
}

function notMasked(what: string, text: string, { base, prefix }: Subnet): string[] {
  const masked = `${formatAddress(base)}/${prefix}`;
  return masked === text ? [] : [`invalid ${what} ${text}: it should be ${masked}`];
}

function wrongRange(text: string, parentText: string, parent: Subnet): string[] {
  const range = readSubnet(text);
  if (range === null) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  const wrong = [];
  if (range.prefix < parent.prefix) wrong.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parentText}`);
  else if (!isInSubnet(range.base, parent)) wrong.push(`invalid ip-range ${text}: parent subnet ${parentText} doesn't contain ip-range`);
  return [...wrong, ...notMasked('ip-range', text, range)];
}

function wrongAddress(what: string, text: string, parentText: string, parent: Subnet): string[] {
  if (!isAddress(text)) return [`invalid ${what}: invalid address`];
  if (!isAddress4(text)) return [`invalid ${what}: parent subnet is an IPv4 block`];
  return isInSubnet(parseAddress(text), parent) ? [] : [`invalid ${what}: parent subnet ${parentText} doesn't contain this address`];
}
