import type { Network } from '../../protocol/engine-api.ts';

/** An address in use on a network, by container. */
export interface Lease {
  readonly containerName: string;
  readonly endpointId: string;
  readonly address: string;
  readonly mac: string;
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
  /** By container ID; running containers only. */
  readonly leases: Map<string, Lease>;
}

export interface BridgeSettings {
  readonly interfaceName: string;
  /** "172.17.0.0/16" */
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu: number;
}

/** @param withContainers GET /networks/{id} fills Containers, the list does not */
export function describeNetwork(network: NetworkRecord, withContainers: boolean): Network {
  const { bridge } = network;
  const containers = [...network.leases].map(
    ([id, lease]) =>
      [
        id,
        {
          Name: lease.containerName,
          EndpointID: lease.endpointId,
          MacAddress: lease.mac,
          IPv4Address: bridge === null ? '' : `${lease.address}/${bridge.subnet.split('/')[1] ?? ''}`,
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
    Containers: withContainers ? Object.fromEntries(containers) : {},
    Options: network.options,
    Labels: network.labels,
  };
}
