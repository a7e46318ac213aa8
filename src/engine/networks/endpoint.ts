import { toRecord } from '../../base/record.ts';
import { shortId } from '../../grammar/units.ts';
import type { Integer } from '../../grammar/strconv.ts';
import type { EndpointSettings } from '../../protocol/engine-api.ts';
import type { EndpointSpec } from '../runtime.ts';
import { isNoAddress } from './address.ts';
import { isUserDefined, type Lease, type NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

/** What a user asks of a container's place on a network; null where the client said nothing. */
export interface EndpointRequest {
  readonly addresses: {
    readonly v4?: string | undefined;
    readonly v6?: string | undefined;
    readonly linkLocal?: readonly string[] | undefined;
  } | null;
  /** '' = any. */
  readonly mac: string;
  readonly aliases: readonly string[] | null;
  readonly links: readonly string[] | null;
  readonly driverOptions: Readonly<Record<string, string>> | null;
  /** Of the default route: the highest has it. */
  readonly gatewayPriority: Integer;
  /** Where it says that the container stands: shown until the first start, and of no further effect, as in Docker. */
  readonly claimed: Claim | null;
}

export type Claim = Pick<
  EndpointSettings,
  | 'NetworkID'
  | 'EndpointID'
  | 'Gateway'
  | 'IPAddress'
  | 'IPPrefixLen'
  | 'IPv6Gateway'
  | 'GlobalIPv6Address'
  | 'GlobalIPv6PrefixLen'
  | 'DNSNames'
>;

export const nothingAsked: EndpointRequest = {
  addresses: null,
  mac: '',
  aliases: null,
  links: null,
  driverOptions: null,
  gatewayPriority: 0,
  claimed: null,
};

/** A container's place on a network. */
export interface Endpoint {
  /** What the client called the network by; its name from the first start on. */
  readonly name: string;
  /** '' until the first start: whichever network has the name by then is meant. */
  readonly networkId: string;
  readonly asked: EndpointRequest;
  /** null: the container does not run. */
  readonly lease: Lease | null;
  /** The network was there when the container was connected to it: inspect tells what it is called there. */
  readonly told: boolean;
}

export function newEndpoint(name: string, asked: EndpointRequest = nothingAsked, told = false): Endpoint {
  return { name, networkId: '', asked, lease: null, told };
}

/** What its network is to be found by. */
export function networkOf({ name, networkId }: Pick<Endpoint, 'name' | 'networkId'>): string {
  return networkId === '' ? name : networkId;
}

/** What a body of the API asks for. */
export function parseEndpoint({
  IPAMConfig: addresses,
  MacAddress: mac,
  Aliases: aliases,
  Links: links,
  DriverOpts: driverOptions,
  GwPriority: gatewayPriority,
  ...claimed
}: EndpointSettings): EndpointRequest {
  return {
    addresses: addresses === null ? null : { v4: addresses.IPv4Address, v6: addresses.IPv6Address, linkLocal: addresses.LinkLocalIPs },
    mac,
    aliases,
    links,
    driverOptions,
    gatewayPriority,
    claimed: Object.values(claimed).every((value) => value === '' || value === 0 || value === null) ? null : claimed,
  };
}

/** What the API shows of it. MacAddress is what was asked for until the first start, then that of the interface there is, as in Docker. */
export function describeEndpoint(endpoint: Endpoint, names: readonly string[] | null = null): EndpointSettings {
  const { asked, lease, networkId } = endpoint;
  const joined = networkId !== '';
  const { addresses, mac, aliases, links, driverOptions, gatewayPriority, claimed } = asked;
  const link = lease?.link ?? null;
  return {
    IPAMConfig:
      addresses === null
        ? null
        : { IPv4Address: addresses.v4, IPv6Address: addresses.v6, LinkLocalIPs: addresses.linkLocal && [...addresses.linkLocal] },
    Links: links && [...links],
    Aliases: aliases && [...aliases],
    MacAddress: link?.mac ?? (joined ? '' : mac),
    DriverOpts: driverOptions && { ...driverOptions },
    GwPriority: gatewayPriority,
    ...(joined || claimed === null ? standing(endpoint, names) : claimed),
  };
}

function standing({ networkId, lease, told }: Endpoint, names: readonly string[] | null): Claim {
  const link = lease?.link ?? null;
  return {
    NetworkID: networkId,
    EndpointID: lease?.endpointId ?? '',
    Gateway: shownGateway(link?.gateway),
    IPAddress: link?.address ?? '',
    IPPrefixLen: link?.prefix ?? 0,
    IPv6Gateway: shownGateway(link?.gateway6),
    GlobalIPv6Address: link?.address6 ?? '',
    GlobalIPv6PrefixLen: link?.prefix6 ?? 0,
    DNSNames: (told || networkId !== '') && names !== null ? [...names] : null,
  };
}

function shownGateway(gateway = ''): string {
  return isNoAddress(gateway) ? '' : gateway;
}

/** Who has an endpoint, as far as its names go. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly config: { readonly Hostname: string };
}

/** What a container is called on a network of the user's: its name, its aliases there, its short ID, its host name (daemon, buildEndpointDNSNames). */
export function endpointNames({ id, name, config }: Named, { aliases }: EndpointRequest): string[] {
  return [...new Set([name, ...(aliases ?? []), shortId(id), config.Hostname])].filter((each) => each !== '');
}

/** Networks of inspect and ps, by name. */
export function describeEndpoints(
  networks: Pick<NetworkStore, 'lookup'>,
  container: Named & { readonly endpoints: ReadonlyMap<string, Endpoint> },
): Readonly<Record<string, EndpointSettings>> {
  return toRecord(
    [...container.endpoints.values()].map((endpoint) => {
      const network = networks.lookup(networkOf(endpoint));
      const names = network === null || isUserDefined(network) ? endpointNames(container, endpoint.asked) : null;
      // Under a part of its ID a network stands beside its name, with the same place.
      const lease = endpoint.lease ?? (endpoint.networkId === '' ? null : (network?.leases.get(container.id) ?? null));
      return [endpoint.name, describeEndpoint({ ...endpoint, lease }, names)];
    }),
  );
}

/** For the agent, without default routes; null where the network has no interfaces. */
export function agentEndpoint(network: Pick<NetworkRecord, 'bridge' | 'parent'>, { link }: Lease): EndpointSpec | null {
  const kind = kindOf(network);
  if (kind === null || link === null) return null;
  const { hostName, name, address, prefix, address6, prefix6, mac } = link;
  return {
    ...kind,
    hostName,
    name,
    address,
    prefix,
    gateway: '',
    address6,
    prefix6,
    gateway6: '',
    mac,
  };
}

type EndpointKind = Pick<EndpointSpec, 'kind' | 'bridge' | 'mtu' | 'mode' | 'flags'>;

/** An interface upon another has its MTU. */
function kindOf({ bridge, parent }: Pick<NetworkRecord, 'bridge' | 'parent'>): EndpointKind | null {
  if (bridge !== null) return { bridge: bridge.interfaceName, mtu: bridge.mtu };
  if (parent === null) return null;
  const { driver, interfaceName, mode, flags } = parent;
  return { kind: driver === 'macvlan' ? 1 : 2, bridge: interfaceName, mode, flags };
}
