import { toHex } from '../../base/bytes.ts';
import type { EventLog } from '../../protocol/log.ts';
import { randomId, type Random } from '../random.ts';
import { formatAddress, lowestFree, macOf, parseAddress, parseSubnet } from './address.ts';
import type { Bridges } from './bridge.ts';
import type { Lease, LeasedInterface, NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

export interface NetworksContext {
  readonly store: NetworkStore;
  readonly bridges: Bridges;
  readonly events: EventLog;
  readonly random: Random;
}

export interface LeaseRequest {
  /** The container's ID. */
  readonly container: string;
  /** '' = any. */
  readonly mac: string;
  /** "eth0" */
  readonly interfaceName: string;
}

/**
 * Takes a place on a network, with an address where it has some; makes the bridge if it is the first. Logs `connect`.
 * @throws AppError exhausted when the network is full
 */
export async function takeLease(context: NetworksContext, network: NetworkRecord, request: LeaseRequest): Promise<Lease> {
  await context.bridges.ensure(network);
  const endpointId = randomId(context.random);
  const lease = { endpointId, link: newInterface(network, request, context.random) };
  network.leases.set(request.container, lease);
  logNetworkEvent(context, network, 'connect', request.container);
  return lease;
}

/** Gives it back; logs `disconnect`. Nothing happens where the container has none. */
export function returnLease(context: Pick<NetworksContext, 'events'>, network: NetworkRecord, container: string): void {
  if (network.leases.delete(container)) logNetworkEvent(context, network, 'disconnect', container);
}

function newInterface({ bridge, leases }: NetworkRecord, { mac, interfaceName }: LeaseRequest, random: Random): LeasedInterface | null {
  if (bridge === null) return null;
  const subnet = parseSubnet(bridge.subnet);
  const inUse = [...leases.values()].flatMap(({ link }) => (link === null ? [] : [link.address]));
  const number = lowestFree(subnet, new Set([bridge.gateway, ...inUse].map(parseAddress)));
  return {
    address: formatAddress(number),
    prefix: subnet.prefix,
    gateway: bridge.gateway,
    mac: mac === '' ? macOf(number) : mac.toLowerCase(),
    name: interfaceName,
    hostName: `veth${toHex(random(4)).slice(0, 7)}`,
  };
}

function logNetworkEvent(
  { events }: Pick<NetworksContext, 'events'>,
  network: NetworkRecord,
  action: 'connect' | 'disconnect',
  container: string,
): void {
  const attributes = { container, name: network.name, type: network.driver };
  events.append({ kind: 'event', type: 'network', action, actor: { id: network.id, attributes }, facts: {} });
}
