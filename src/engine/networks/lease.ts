import { toHex } from '../../base/bytes.ts';
import type { NewLogEntry } from '../../protocol/log.ts';
import { randomId, type Random } from '../random.ts';
import { AppError } from '../../base/errors.ts';
import { formatAddress, holds, isReserved, lowestFree, macOf, parseAddress, parseSubnet, type Bits } from './address.ts';
import type { Bridges } from './bridge.ts';
import { hasInterfaces, isClosed, type Lease, type LeasedInterface, type NetworkRecord } from './network.ts';
import type { Parents } from './parents.ts';
import type { NetworkStore } from './store.ts';

export interface NetworksContext {
  readonly store: NetworkStore;
  readonly bridges: Bridges;
  readonly parents: Parents;
  readonly events: { append(entry: NewLogEntry): unknown };
  readonly random: Random;
}

export interface LeaseRequest {
  /** The container's ID. */
  readonly container: string;
  /** '' = any. */
  readonly address: string;
  /** '' = any. */
  readonly address6: string;
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
  return lease;
}

/** Gives it back; logs `disconnect`. Nothing happens where the container has none. */
export function returnLease(context: Pick<NetworksContext, 'events'>, network: NetworkRecord, container: string): void {
  if (network.leases.delete(container)) logNetworkEvent(context, network, 'disconnect', container);
}

function newInterface(network: NetworkRecord, request: LeaseRequest, random: Random): LeasedInterface | null {
  if (!hasInterfaces(network)) return null;
  const { address, address6, mac, interfaceName } = request;
  const v4 = network.ipv4 ? placeIn(network, 32, address) : null;
  const v6 = network.ipv6 ? placeIn(network, 128, address6) : null;
  const number = v4 === null ? parseAddress(`::${toHex(random(4)).replace(/^..../, '$&:')}`) : parseAddress(v4.address);
  return {
    address: v4?.address ?? '',
    prefix: v4?.prefix ?? 0,
    gateway: gatewayOf(network, v4, '0.0.0.0'),
    address6: v6?.address ?? '',
    prefix6: v6?.prefix ?? 0,
    gateway6: gatewayOf(network, v6, '::'),
    mac: network.driver === 'ipvlan' ? '' : mac === '' ? macOf(number) : mac.toLowerCase(),
    name: interfaceName,
    hostName: `veth${toHex(random(4)).slice(0, 7)}`,
  };
}

/** @param all of its version of IP: what stands for all neighbours being there */
function gatewayOf(network: NetworkRecord, place: Place | null, all: string): string {
  if (place === null || isClosed(network)) return '';
  return network.parent?.routes === 'device' ? all : place.gateway;
}

interface Place {
  readonly address: string;
  readonly prefix: number;
  readonly gateway: string;
}

/** With the address that was asked for, or the lowest that nobody has of the first range that has one (libnetwork, assignAddressVersion). */
function placeIn({ id, name, leases, pools }: NetworkRecord, bits: Bits, asked: string): Place {
  const inUse = [...leases.values()].flatMap(({ link }) => (link === null ? [] : [bits === 32 ? link.address : link.address6]));
  for (const pool of pools) {
    const subnet = parseSubnet(pool.subnet);
    if (subnet.bits !== bits || (asked !== '' && !holds(subnet, asked))) continue;
    const taken = new Set([pool.gateway, ...pool.reserved, ...inUse].filter((each) => each !== '').map(parseAddress));
    const number = asked === '' ? lowestFree(subnet, taken, parseSubnet(pool.range)) : parseAddress(asked);
    if (asked !== '' && number !== null && (taken.has(number) || isReserved(number, subnet)))
      throw new AppError('forbidden', 'Address already in use');
    if (number !== null) return { address: formatAddress(number, bits), prefix: subnet.prefix, gateway: pool.gateway };
  }
  // Docker gives it no class.
  const version = bits === 32 ? 'IPv4' : 'IPv6';
  throw new AppError('internal', `no available ${version} addresses on this network's address pools: ${name} (${id})`);
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
