import type { IpamConfig, Network } from '../../protocol/engine-api.ts';

/** The interface of a container and its address on a network. */
export interface LeasedInterface {
  readonly address: string;
  readonly prefix: number;
  /** '' = its network is internal. */
  readonly gateway: string;
  readonly mac: string;
  /** "eth0", in the container. */
  readonly name: string;
  /** "veth1a2b3c4", in the guest. */
  readonly hostName: string;
}

/** What a network gives to a container that runs. */
export interface Lease {
  readonly endpointId: string;
  /** null where the network has no interfaces (host, none). */
  readonly link: LeasedInterface | null;
}

export type NetworkDriver = 'bridge' | 'host' | 'null';

/** A network of this engine. `bridge` is null where no interface belongs to it (host, none). */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkDriver;
  /** RFC 3339 */
  readonly created: string;
  readonly bridge: BridgeSettings | null;
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

export interface BridgeSettings {
  readonly interfaceName: string;
  /** "172.17.0.0/16" */
  readonly subnet: string;
  /** It was asked for: containers may choose their addresses. */
  readonly isChosen: boolean;
  /** Where containers get their addresses: the subnet or a part of it. */
  readonly range: string;
  /** The bridge's own address. */
  readonly gateway: string;
  /** Addresses that nobody gets (--aux-address). */
  readonly reserved: readonly string[];
  readonly mtu: number;
  /** Its containers reach each other. */
  readonly icc: boolean;
  /** What leaves it has the guest's address. */
  readonly masquerade: boolean;
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
          IPv4Address: link === null ? '' : `${link.address}/${link.prefix}`,
          IPv6Address: '',
        },
      ] as const,
  );
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
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

/** One of the three that Docker makes itself. */
export function isPredefined({ name }: Pick<NetworkRecord, 'name'>): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}

/** A network of the user's own: names are answered on it, and addresses may be chosen where its subnet was. */
export function isUserDefined(network: Pick<NetworkRecord, 'name' | 'driver'>): boolean {
  return network.driver === 'bridge' && !isPredefined(network);
}
