import { toHex } from '../../base/bytes.ts';
import type { EventLog } from '../../protocol/log.ts';
import { randomId, type Random } from '../random.ts';
import { AppError } from '../../base/errors.ts';
import { formatAddress, isReserved, lowestFree, macOf, parseAddress, parseSubnet } from './address.ts';
import type { Bridges } from './bridge.ts';
import type { BridgeSettings, Lease, LeasedInterface, NetworkRecord } from './network.ts';
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
  readonly address: string;
  /** '' = any. */
  readonly mac: string;
  /** "eth0" */
  readonly interfaceName: string;
}

/**
 * Takes a place on a network, with an address where it has some; makes the bridge if it is the first. Logs `connect`.
 * @throws AppError internal when the network is full, forbidden when the address is taken or nobody can be on it, not_found when it was removed meanwhile
 */
export async function takeLease(context: NetworksContext, network: NetworkRecord, request: LeaseRequest): Promise<Lease> {
  if (network.configOnly) throw new AppError('forbidden', 'cannot create endpoint on configuration-only network');
  await context.bridges.ensure(network);
  if (!context.store.has(network)) throw new AppError('not_found', `network ${network.name} not found`);
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

function newInterface(network: NetworkRecord, { address, mac, interfaceName }: LeaseRequest, random: Random): LeasedInterface | null {
  const { bridge } = network;
  if (bridge === null) return null;
  const subnet = parseSubnet(bridge.subnet);
  const number = freeAddress(network, bridge, address);
  return {
    address: formatAddress(number),
    prefix: subnet.prefix,
    gateway: network.internal ? '' : bridge.gateway,
    mac: mac === '' ? macOf(number) : mac.toLowerCase(),
    name: interfaceName,
    hostName: `veth${toHex(random(4)).slice(0, 7)}`,
  };
}

/** The one that was asked for, or the lowest of the range that nobody has. */
function freeAddress(
  { id, name, leases }: NetworkRecord,
  { subnet: text, range, gateway, reserved }: BridgeSettings,
  asked: string,
): number {
  const subnet = parseSubnet(text);
  const inUse = [...leases.values()].flatMap(({ link }) => (link === null ? [] : [link.address]));
  const taken = new Set([gateway, ...reserved, ...inUse].map(parseAddress));
  if (asked !== '') {
    const wanted = parseAddress(asked);
    if (taken.has(wanted) || isReserved(wanted, subnet)) throw new AppError('forbidden', 'Address already in use');
    return wanted;
  }
  const free = lowestFree(subnet, taken, parseSubnet(range));
  // Docker gives it no class.
  if (free === null) throw new AppError('internal', `no available IPv4 addresses on this network's address pools: ${name} (${id})`);
  return free;
}

export function logNetworkEvent(
  { events }: Pick<NetworksContext, 'events'>,
  network: NetworkRecord,
  action: 'create' | 'connect' | 'disconnect' | 'destroy',
  container: string | null = null,
): void {
  const attributes = { ...(container === null ? {} : { container }), name: network.name, type: network.driver };
  events.append({ kind: 'event', type: 'network', action, actor: { id: network.id, attributes }, facts: {} });
}
