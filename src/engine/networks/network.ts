import type { Network } from '../../protocol/engine-api.ts';

/** The interface of a container and its address on a network. */
export interface LeasedInterface {
  readonly address: string;
  readonly prefix: number;
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
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** By container ID; running containers only. The same as their endpoints'. */
  readonly leases: Map<string, Lease>;
}

export interface BridgeSettings {
  readonly interfaceName: string;
  /** "172.17.0.0/16" */
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu: number;
}

/** @param nameOf the name of a container by its ID; null leaves Containers empty, as in a list */
export function describeNetwork(network: NetworkRecord, nameOf: ((container: string) => string) | null): Network {
  const { bridge } = network;
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
    IPAM: { Driver: 'default', Options: null, Config: bridge === null ? [] : [{ Subnet: bridge.subnet, Gateway: bridge.gateway }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers),
    Options: network.options,
    Labels: network.labels,
  };
}
