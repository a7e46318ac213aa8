import type { IpamConfig, Network } from '../../protocol/engine-api.ts';
import { bitsOf, type Bits } from './address.ts';

/** The interface of a container and its addresses on a network. */
export interface LeasedInterface {
  /** '' = the network has no IPv4. */
  readonly address: string;
  readonly prefix: number;
  /** '' = it does not lead out; "0.0.0.0": out of it as it is, without one ("::" of IPv6). */
  readonly gateway: string;
  /** The same of IPv6. */
  readonly address6: string;
  readonly prefix6: number;
  readonly gateway6: string;
  /** '' = that of what it stands upon (ipvlan). */
  readonly mac: string;
  /** "eth0", in the container. */
  readonly name: string;
  /** "veth1a2b3c4", in the guest; where it has no end there (macvlan, ipvlan) it only tells it from others. */
  readonly hostName: string;
}

/** What a network gives to a container that runs. */
export interface Lease {
  readonly endpointId: string;
  /** null where the network has no interfaces (host, none). */
  readonly link: LeasedInterface | null;
}

/** Drivers of networks upon another interface of the guest. */
export type ParentDriver = 'macvlan' | 'ipvlan';
export type NetworkDriver = 'bridge' | 'host' | 'null' | ParentDriver;

/** A network of this engine. `bridge` and `parent` are null where no interface belongs to it (host, none). */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  /** RFC 3339 */
  readonly created: string;
  readonly bridge: BridgeSettings | null;
  readonly parent: ParentSettings | null;
  /** As inspect shows them: of networks without interfaces they mean nothing. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Where containers get their addresses from. */
  readonly pools: readonly AddressPool[];
  /** As inspect shows it: what was asked for, or what the default pools gave. */
  readonly ipam: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>> | null;
    readonly config: readonly IpamConfig[] | null;
  };
  /** Nothing of it goes out, and its containers have no default route. */
  readonly internal: boolean;
  readonly attachable: boolean;
  /** Name of the configuration network that it was made from; '' = none. */
  readonly configFrom: string;
  /** A configuration for other networks, which nobody can be on. */
  readonly configOnly: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** By container ID; running containers only. The same as their endpoints'. */
  readonly leases: Map<string, Lease>;
}

/** Of IPv4 or IPv6, as its subnet says. */
export interface AddressPool {
  /** "172.17.0.0/16", "fd00::/64" */
  readonly subnet: string;
  /** It was asked for: containers may choose their addresses. */
  readonly isChosen: boolean;
  /** Where containers get their addresses: the subnet or a part of it. */
  readonly range: string;
  /** The bridge's own address; '' = nobody has it. */
  readonly gateway: string;
  /** Addresses that nobody gets (--aux-address). */
  readonly reserved: readonly string[];
}

export interface BridgeSettings {
  readonly interfaceName: string;
  readonly mtu: number;
  /** Its containers reach each other. */
  readonly icc: boolean;
  /** What leaves it has the guest's address. */
  readonly masquerade: boolean;
}

/** Of a network upon another interface. */
export interface ParentSettings {
  readonly driver: ParentDriver;
  readonly interfaceName: string;
  /** Nobody named one: it leads nowhere. */
  readonly isDummy: boolean;
  /** The kernel's numbers (linux/if_link.h). */
  readonly mode: number;
  readonly flags: number;
  /** Where default routes lead: to the gateway, or out of the interface as it is (ipvlan in modes l3 and l3s). */
  readonly routes: 'gateway' | 'device';
}

/** Whether its containers have interfaces. */
export function hasInterfaces({ bridge, parent }: Pick<NetworkRecord, 'bridge' | 'parent'>): boolean {
  return bridge !== null || parent !== null;
}

/** Whether nothing of it goes out: it was asked for so, or stands upon what leads nowhere. */
export function isClosed({ internal, parent }: Pick<NetworkRecord, 'internal' | 'parent'>): boolean {
  return internal || parent?.isDummy === true;
}

/** @param nameOf the name of a container by its ID; null leaves Containers empty, as in a list */
export function describeNetwork(network: NetworkRecord, nameOf: ((container: string) => string) | null): Network {
  const { ipam } = network;
  const containers = [...(nameOf === null ? [] : network.leases)].map(
    ([id, { endpointId, link }]) =>
      [
        id,
        {
          Name: nameOf?.(id) ?? '',
          EndpointID: endpointId,
          MacAddress: link?.mac ?? '',
          IPv4Address: withPrefix(link?.address, link?.prefix),
          IPv6Address: withPrefix(link?.address6, link?.prefix6),
        },
      ] as const,
  );
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: network.ipv4,
    EnableIPv6: network.ipv6,
    IPAM: { Driver: ipam.driver, Options: ipam.options, Config: ipam.config },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: Object.fromEntries(containers),
    Options: network.options,
    Labels: network.labels,
  };
}

function withPrefix(address = '', prefix = 0): string {
  return address === '' ? '' : `${address}/${prefix}`;
}

/** The pool that a bridge has its address of a version from. */
export function poolOf({ pools }: Pick<NetworkRecord, 'pools'>, bits: Bits): AddressPool | null {
  return pools.find(({ subnet }) => bitsOf(subnet) === bits) ?? null;
}

/** One of the three that Docker makes itself. */
export function isPredefined({ name }: Pick<NetworkRecord, 'name'>): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}

/** A network of the user's own: names are answered on it, and addresses may be chosen where its subnet was. */
export function isUserDefined(network: Pick<NetworkRecord, 'name' | 'driver'>): boolean {
  return network.driver !== 'host' && network.driver !== 'null' && !isPredefined(network);
}
