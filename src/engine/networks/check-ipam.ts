import { AppError } from '../../base/errors.ts';
import { isAddress, isAddress6 } from '../../grammar/address.ts';
import type { IpamConfig } from '../../protocol/engine-api.ts';
import { bitsOf, formatSubnet, holds, isInSubnet, readSubnet, type Bits, type Subnet } from './address.ts';

/**
 * api/types/network/ipam.go, ValidateIPAM: all that is wrong is told at once. What is of IPv6 is not looked at where the network has none.
 * @throws AppError invalid, in Docker's words
 */
export function checkIpam(configs: readonly IpamConfig[], ipv6: boolean): void {
  const wrong = configs.filter((config) => ipv6 || !isSubnet6(config)).flatMap(wrongIn);
  const listed = wrong.length === 1 ? wrong : wrong.map((why) => `* ${why}`);
  if (wrong.length > 0) throw new AppError('invalid', `invalid network config:\n${listed.join('\n')}`);
}

/** Whether it is a subnet of IPv6, which Docker takes note of and leaves unused where IPv6 is off. */
export function isSubnet6({ Subnet: subnet = '' }: IpamConfig): boolean {
  const [address = '', bits = ''] = subnet.split('/');
  return isAddress6(address) && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= 128;
}

function wrongIn(config: IpamConfig): string[] {
  const { Subnet: text = '', IPRange: range = '', Gateway: gateway = '', AuxiliaryAddresses: others } = config;
  const subnet = readSubnet(text);
  if (subnet === null) return [`invalid subnet ${text}: invalid CIDR block notation`];
  const parent = { text, subnet };
  return [
    ...notMasked('subnet', text, subnet),
    ...(range === '' ? [] : wrongRange(range, parent)),
    ...(gateway === '' ? [] : wrongAddress(`gateway ${gateway}`, gateway, parent)),
    ...Object.entries(others ?? {})
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([name, address]) => wrongAddress(`auxiliary address ${name}`, address, parent)),
  ];
}

interface Parent {
  readonly text: string;
  readonly subnet: Subnet;
}

/** What is written in another way than Docker would is right. */
function notMasked(what: string, text: string, subnet: Subnet): string[] {
  const [address = '', bits = ''] = text.split('/');
  const isMasked = holds({ ...subnet, prefix: subnet.bits }, address) && Number(bits) === subnet.prefix;
  return isMasked ? [] : [`invalid ${what} ${text}: it should be ${formatSubnet(subnet)}`];
}

function wrongRange(text: string, { text: parentText, subnet: parent }: Parent): string[] {
  const range = readSubnet(text);
  if (range === null) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  if (range.bits !== parent.bits) return [`invalid ip-range ${text}: parent subnet is an ${versionOf(parent.bits)} block`];
  const wrong = [];
  if (range.prefix < parent.prefix) wrong.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parentText}`);
  else if (!isInSubnet(range.base, parent)) wrong.push(`invalid ip-range ${text}: parent subnet ${parentText} doesn't contain ip-range`);
  return [...wrong, ...notMasked('ip-range', text, range)];
}

function wrongAddress(what: string, text: string, { text: parentText, subnet: parent }: Parent): string[] {
  if (!isAddress(text)) return [`invalid ${what}: invalid address`];
  if (bitsOf(text) !== parent.bits) return [`invalid ${what}: parent subnet is an ${versionOf(parent.bits)} block`];
  return holds(parent, text) ? [] : [`invalid ${what}: parent subnet ${parentText} doesn't contain this address`];
}

function versionOf(bits: Bits): string {
  return bits === 32 ? 'IPv4' : 'IPv6';
}
