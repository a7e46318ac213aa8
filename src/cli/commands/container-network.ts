import { toRecord } from '../../base/record.ts';
import { emptyEndpoint } from '../../protocol/engine-api.ts';
import { StatusError } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { isHardwareAddress } from '../../grammar/address.ts';
import { isUserDefined, plainNetwork, type NetworkOption } from '../flags/networks.ts';
import type { ContainerFlags } from './container-flags.ts';

/** The first network is the container's mode. */
export function networkModeOf(flags: ContainerFlags): string {
  return networksOf(flags)[0]?.target ?? defaultNetwork;
}

const defaultNetwork = 'default';

function networksOf(flags: ContainerFlags): readonly NetworkOption[] {
  return flags.network.value.length > 0 ? flags.network.value : [plainNetwork(defaultNetwork)];
}

/** NetworkingConfig.EndpointsConfig: what is asked of each network beyond being on it. Throws StatusError. */
export function endpointsOf(flags: ContainerFlags): Readonly<Record<string, object>> {
  const networks = networksOf(flags);
  const endpoints = new Map<string, object>();
  for (const [index, network] of networks.entries()) {
    const option = index === 0 ? withContainerFlags(network, flags) : network;
    const endpoint = endpointOf(option);
    if (endpoints.has(network.target)) throw new StatusError(1, `network ${goQuote(network.target)} is specified multiple times`);
    const isImplied = flags.network.value.length === 0;
    if (networks.length > 1 || isImplied || isSpecial(option)) endpoints.set(network.target, endpoint);
  }
  const kinds = new Set(networks.map((network) => isUserDefined(network.target)));
  if (kinds.size > 1) throw new StatusError(1, 'conflicting options: cannot attach both user-defined and non-user-defined network-modes');
  return toRecord(endpoints);
}

/** `--network-alias`, `--ip`, `--ip6`, `--link-local-ip` and `--mac-address` belong to the first network. */
function withContainerFlags(network: NetworkOption, flags: ContainerFlags): NetworkOption {
  const conflict = (words: string): StatusError => new StatusError(1, `conflicting options: cannot specify both ${words}`);
  const aliases = flags.networkAlias.value;
  if (network.aliases.length > 0 && aliases.length > 0) throw conflict('--network-alias and per-network alias');
  if (network.ipv4 !== '' && flags.ip.value !== '') throw conflict('--ip and per-network IPv4 address');
  if (network.ipv6 !== '' && flags.ip6.value !== '') throw conflict('--ip6 and per-network IPv6 address');
  if (network.linkLocal.length > 0 && flags.linkLocalIp.value.length > 0)
    throw conflict('--link-local-ip and per-network link-local IP addresses');
  return {
    ...network,
    linkLocal: flags.linkLocalIp.value.length > 0 ? flags.linkLocalIp.value : network.linkLocal,
    aliases: aliases.length > 0 ? aliases : network.aliases,
    // On the default bridge a link is the host configuration's.
    links: isUserDefined(network.target) ? flags.link.value : [],
    ipv4: flags.ip.value || network.ipv4,
    ipv6: flags.ip6.value || network.ipv6,
    mac: flags.macAddress.value || network.mac,
  };
}

function isSpecial(option: NetworkOption): boolean {
  return (
    option.aliases.length > 0 ||
    option.links.length > 0 ||
    Object.keys(option.driverOptions).length > 0 ||
    option.mac !== '' ||
    option.priority !== 0 ||
    hasAddress(option)
  );
}

function hasAddress({ ipv4, ipv6, linkLocal }: NetworkOption): boolean {
  return ipv4 !== '' || ipv6 !== '' || linkLocal.length > 0;
}

function endpointOf(option: NetworkOption): object {
  if (option.target.trim() === '') throw new StatusError(1, 'no name set for network');
  if (!isUserDefined(option.target) && option.aliases.length > 0)
    throw new StatusError(1, 'network-scoped aliases are only supported for user-defined networks');
  if (option.mac !== '' && !isHardwareAddress(option.mac)) throw new StatusError(1, `${option.mac} is not a valid mac address`);
  const addresses = {
    ...(option.ipv4 === '' ? {} : { IPv4Address: option.ipv4 }),
    ...(option.ipv6 === '' ? {} : { IPv6Address: option.ipv6 }),
    ...(option.linkLocal.length === 0 ? {} : { LinkLocalIPs: option.linkLocal }),
  };
  return {
    ...emptyEndpoint,
    IPAMConfig: hasAddress(option) ? addresses : null,
    Aliases: option.aliases.length === 0 ? null : option.aliases,
    Links: option.links.length === 0 ? null : option.links,
    MacAddress: option.mac,
    DriverOpts: Object.keys(option.driverOptions).length === 0 ? null : option.driverOptions,
    GwPriority: option.priority,
  };
}
