import type { AgentRecordInput } from '../../protocol/agent.ts';
import type { EndpointSettings } from '../../protocol/engine-api.ts';
import type { EventLog } from '../../protocol/log.ts';
import { randomId, type Random } from '../random.ts';
import { toHex } from '../../base/bytes.ts';
import { formatAddress, lowestFree, macOf, parseAddress, parseSubnet } from './address.ts';
import type { Bridges } from './bridge.ts';
import type { NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

export interface NetworksContext {
  readonly store: NetworkStore;
  readonly bridges: Bridges;
  readonly events: EventLog;
  readonly random: Random;
}

export interface NetworkUser {
  readonly id: string;
  readonly name: string;
  readonly mac: string;
}

export interface Connection {
  /** For the agent; null where the network has no interface of its own. */
  readonly endpoint: AgentRecordInput<'endpoint'> | null;
  /** For inspect, beside what was asked for. */
  readonly settings: Partial<EndpointSettings>;
}

/**
 * Takes an address for a container that is about to start; logs the `connect` event.
 * @param index 0 for eth0
 * @throws AppError exhausted when the network is full
 */
export async function connectContainer(
  context: NetworksContext,
  network: NetworkRecord,
  user: NetworkUser,
  index: number,
): Promise<Connection> {
  await context.bridges.ensure(network);
  const endpointId = randomId(context.random);
  const { bridge } = network;
  const settings = { NetworkID: network.id, EndpointID: endpointId };
  if (bridge === null) {
    network.leases.set(user.id, { containerName: user.name, endpointId, address: '', mac: '' });
    logNetworkEvent(context, network, 'connect', user.id);
    return { endpoint: null, settings };
  }
  const subnet = parseSubnet(bridge.subnet);
  const taken = new Set([parseAddress(bridge.gateway), ...[...network.leases.values()].map(({ address }) => parseAddress(address))]);
  const number = lowestFree(subnet, taken);
  const address = formatAddress(number);
  const mac = user.mac === '' ? macOf(number) : user.mac.toLowerCase();
  network.leases.set(user.id, { containerName: user.name, endpointId, address, mac });
  logNetworkEvent(context, network, 'connect', user.id);
  return {
    endpoint: {
      bridge: bridge.interfaceName,
      hostName: `veth${toHex(context.random(4)).slice(0, 7)}`,
      name: `eth${index}`,
      address,
      prefix: subnet.prefix,
      gateway: index === 0 ? bridge.gateway : '',
      mac,
      mtu: bridge.mtu,
    },
    settings: { ...settings, Gateway: bridge.gateway, IPAddress: address, IPPrefixLen: subnet.prefix, MacAddress: mac },
  };
}

/** Gives the addresses of a container back; logs `disconnect` for each network it was on. */
export function disconnectContainer(context: NetworksContext, containerId: string): void {
  for (const network of context.store.all()) {
    if (!network.leases.delete(containerId)) continue;
    logNetworkEvent(context, network, 'disconnect', containerId);
  }
}

function logNetworkEvent({ events }: NetworksContext, network: NetworkRecord, action: 'connect' | 'disconnect', container: string): void {
  const attributes = { container, name: network.name, type: network.driver };
  events.append({ kind: 'event', type: 'network', action, actor: { id: network.id, attributes }, facts: {} });
}
