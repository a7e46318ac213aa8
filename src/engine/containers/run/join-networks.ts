import { ownValue } from '../../../base/record.ts';
import { AppError, toAppError } from '../../../base/errors.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import { isNoAddress } from '../../networks/address.ts';
import { agentEndpoint, networkOf, type Endpoint } from '../../networks/endpoint.ts';
import type { Lease, NetworkRecord } from '../../networks/network.ts';
import { logNetworkEvent, returnLease, takeLease, type NetworksContext } from '../../networks/lease.ts';
import type { EndpointSpec, Gateways } from '../../runtime.ts';
import { checkRequest } from '../checks/check-network.ts';
import type { Container, LockedContainer } from '../container.ts';
import { parseLink } from '../links.ts';

/**
 * Takes a lease on every network that the container is to be on, in their order; what was had before a failure is in `endpoints`.
 * @throws AppError with what it was for in front, as daemon/start.go says it
 */
export async function joinNetworks(networks: NetworksContext, container: LockedContainer): Promise<EndpointSpec[]> {
  const interfaces: Joined[] = [];
  for (const endpoint of [...container.endpoints.values()]) {
    const made = await joinNetwork(networks, container, endpoint).catch((thrown: unknown) => {
      const { kind, message, detail } = toAppError(thrown);
      throw new AppError(kind, `failed to set up container networking: ${message}`, { cause: thrown, detail });
    });
    if (made !== null) interfaces.push(made);
  }
  const gateways = defaultGateways(container);
  return interfaces.map(({ made, link }) => {
    const routes = routesBy(gateways, link);
    return { ...made, gateway: routes.v4, gateway6: routes.v6 };
  });
}

/** An interface to make in the container, without default routes, and the lease that it is of. */
export interface Joined {
  readonly made: EndpointSpec;
  readonly link: NonNullable<Lease['link']>;
}

/** @returns the interface to make in the container; null where the network has none */
export async function joinNetwork(networks: NetworksContext, container: LockedContainer, endpoint: Endpoint): Promise<Joined | null> {
  for (const link of endpoint.asked.links ?? []) parseLink(link);
  const network = networks.store.find(networkOf(endpoint));
  fillMode(networks, container);
  checkRequest(network.name, endpoint.asked, networks.store);
  if (network.driver === 'host' && container.modes.network.kind !== 'host') throw cannotConnectToHost();
  // Two of its names for networks may turn out to be one network's: a second place there would be a second interface.
  if (network.leases.has(container.id)) throw alreadyOn(container, network);
  const { addresses, mac, driverOptions } = endpoint.asked;
  if (network.driver === 'ipvlan' && mac !== '') throw refuseAddress(container, network);
  const interfaceName = ownValue(driverOptions ?? {}, 'com.docker.network.endpoint.ifname') ?? freeName(container);
  const { v4: address = '', v6: address6 = '' } = addresses ?? {};
  const lease = await takeLease(networks, network, { container: container.id, address, address6, mac, interfaceName });
  putEndpoint(container, endpoint.name, { ...endpoint, name: network.name, networkId: network.id, lease });
  const made = agentEndpoint(network, lease);
  if (made === null || lease.link === null) return null;
  return { made: publishesPorts(container) ? { ...made, hairpin: 1 } : made, link: lease.link };
}

/** libnetwork, drivers/ipvlan, CreateEndpoint; it has no class. */
function refuseAddress({ name }: Container, network: NetworkRecord): AppError {
  const endpoint = `failed to create endpoint ${name} on network ${network.name}`;
  return new AppError('internal', `${endpoint}: ipvlan interfaces do not support custom mac address assignment`);
}

/** Docker tells that a container is on its networks once its process is there (daemon/start.go). */
export function tellJoined(networks: NetworksContext, container: Container): void {
  for (const { networkId, lease } of container.endpoints.values()) if (lease !== null) tellConnected(networks, container, networkId);
}

export function tellConnected(networks: NetworksContext, container: Container, networkId: string): void {
  const network = networks.store.lookup(networkId);
  if (network !== null) logNetworkEvent(networks, network, 'connect', container.id);
}

/** Gives every lease back, the last one first. */
export function leaveNetworks(networks: NetworksContext, container: Container): void {
  for (const name of [...container.endpoints.keys()].reverse()) leaveNetwork(networks, container, name);
}

export function leaveNetwork(networks: NetworksContext, container: Container, name: string): void {
  const endpoint = container.endpoints.get(name);
  if (endpoint === undefined || endpoint.lease === null) return;
  container.endpoints.set(name, { ...endpoint, lease: null });
  const network = networks.store.lookup(endpoint.networkId);
  if (network !== null) returnLease(networks, network, container.id);
}

/** After a restore: the addresses that containers have are in use. */
export function resumeLeases(networks: NetworksContext, container: Container): void {
  for (const { networkId, lease } of container.endpoints.values()) {
    if (lease !== null) networks.store.lookup(networkId)?.leases.set(container.id, lease);
  }
}

/** A container's place on a network that leads outside. */
export interface GatewayEndpoint {
  readonly networkId: string;
  readonly endpointId: string;
  readonly link: NonNullable<Lease['link']>;
}

/** Of each version of IP; null: the container has no default route. */
export interface GatewayEndpoints {
  readonly v4: GatewayEndpoint | null;
  readonly v6: GatewayEndpoint | null;
}

/**
 * Where the container's default routes go (libnetwork, selectGatewayEndpoint and Endpoint.Less): of those with a gateway the highest priority, then
 * the first by the network's name; one that has both versions
 * is preferred for both.
 */
export function defaultGateways({ endpoints }: Pick<Container, 'endpoints'>): GatewayEndpoints {
  const candidates = [...endpoints.values()].flatMap(({ name, networkId, asked, lease }) => {
    if (lease === null || lease.link === null) return [];
    return [{ networkId, endpointId: lease.endpointId, link: lease.link, priority: asked.gatewayPriority, name }];
  });
  candidates.sort((one, other) => compare(other.priority, one.priority) || (one.name < other.name ? -1 : 1));
  const both = candidates.find(({ link }) => link.gateway !== '' && link.gateway6 !== '');
  if (both !== undefined) return { v4: both, v6: both };
  return {
    v4: candidates.find(({ link }) => link.gateway !== '') ?? null,
    v6: candidates.find(({ link }) => link.gateway6 !== '') ?? null,
  };
}

/** Whether anything of the container leads outside. */
export function leadsOutside({ v4, v6 }: GatewayEndpoints): boolean {
  return v4 !== null || v6 !== null;
}

/** The default routes that go by this interface. */
export function routesBy({ v4, v6 }: GatewayEndpoints, link: Lease['link']): Gateways {
  return routesOf({ v4: v4?.link === link ? v4 : null, v6: v6?.link === link ? v6 : null });
}

/** The default routes that are others than before. */
export function changedRoutes(before: GatewayEndpoints, after: GatewayEndpoints): Gateways {
  const changed = (one: GatewayEndpoint | null, other: GatewayEndpoint | null): GatewayEndpoint | null =>
    one?.link === other?.link ? null : other;
  return routesOf({ v4: changed(before.v4, after.v4), v6: changed(before.v6, after.v6) });
}

/** What is no gateway needs the interface that it leads out of. */
function routesOf({ v4, v6 }: GatewayEndpoints): Gateways {
  const [gateway, gateway6] = [v4?.link.gateway ?? '', v6?.link.gateway6 ?? ''];
  return {
    v4: gateway,
    v6: gateway6,
    ...(isNoAddress(gateway) ? { device: v4?.link.name ?? '' } : {}),
    ...(isNoAddress(gateway6) ? { device6: v6?.link.name ?? '' } : {}),
  };
}

function publishesPorts({ hostConfig: { PortBindings: bindings, PublishAllPorts: all } }: Pick<Container, 'hostConfig'>): boolean {
  return all || Object.keys(bindings ?? {}).length > 0;
}

function compare(one: Integer, other: Integer): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Its place on that network, whatever it is called by. */
export function endpointOn(
  store: Pick<NetworksContext['store'], 'lookup'>,
  { endpoints }: Pick<Container, 'endpoints'>,
  network: NetworkRecord,
): Endpoint | null {
  return [...endpoints.values()].find((endpoint) => store.lookup(networkOf(endpoint)) === network) ?? null;
}

/** Its interfaces, in the order of its networks. */
export function links({ endpoints }: Pick<Container, 'endpoints'>): NonNullable<Lease['link']>[] {
  return [...endpoints.values()].flatMap(({ lease }) => (lease === null || lease.link === null ? [] : [lease.link]));
}

/** The lowest ethN that it does not have. */
function freeName(container: Container): string {
  const taken = new Set(links(container).map(({ name }) => name));
  let index = 0;
  while (taken.has(`eth${index}`)) index += 1;
  return `eth${index}`;
}

/**
 * By the network's name, in its place in the order. Its full ID is given up; a part of it stays beside the name, as in Docker, and is a second place on
 * the same network at the next start.
 */
function putEndpoint(container: Container, key: string, endpoint: Endpoint): void {
  const { name, networkId } = endpoint;
  const all = [...container.endpoints];
  container.endpoints.clear();
  for (const [other, each] of all) {
    if (other === key) container.endpoints.set(name, endpoint);
    if (other === key && key !== name) container.endpoints.set(key, { ...endpoint, name: key, lease: null });
    if (other !== key && other !== name) container.endpoints.set(other, each);
  }
  container.endpoints.delete(networkId);
}

/** A mode that names a network by a part of its ID gets all of it (daemon, normalizeNetMode). @throws AppError not_found where it is gone */
function fillMode({ store }: NetworksContext, container: LockedContainer): void {
  const { network } = container.modes;
  if (network.kind !== 'networks') return;
  const { main: mode } = network;
  const main = store.lookup(mode);
  if (main === null) throw new AppError('not_found', `could not find a network matching network mode ${mode}: network ${mode} not found`);
  if (mode === main.name || mode === main.id) return;
  container.hostConfig = { ...container.hostConfig, NetworkMode: main.id };
  container.modes = { ...container.modes, network: { ...network, main: main.id } };
}

/** libnetwork: one place for a name. */
export function alreadyOn({ name }: Pick<Container, 'name'>, network: Pick<NetworkRecord, 'name'>): AppError {
  return new AppError('forbidden', `endpoint with name ${name} already exists in network ${network.name}`);
}

/** libnetwork: the guest's own name space is given at create, by the mode "host" and nothing else. */
export function cannotConnectToHost(): AppError {
  return new AppError('invalid', 'cannot connect container to host network - container must be created in host network mode');
}
