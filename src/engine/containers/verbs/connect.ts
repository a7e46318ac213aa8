import { AppError, toAppError } from '../../../base/errors.ts';
import type { EndpointSettings } from '../../../protocol/engine-api.ts';
import { agentEndpoint, networkOf, newEndpoint, parseEndpoint, type Endpoint } from '../../networks/endpoint.ts';
import type { NetworkRecord } from '../../networks/network.ts';
import { checkRequest } from '../checks/check-network.ts';
import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import {
  alreadyOn,
  cannotConnectToHost,
  changedRoutes,
  defaultGateways,
  endpointOn,
  joinNetwork,
  leaveNetwork,
  routesBy,
  tellConnected,
} from '../run/join-networks.ts';
import { followLinked, tellParents } from '../run/linked.ts';
import { movePorts } from '../run/publish-ports.ts';
import { updateHosts, updateResolvConf } from '../run/hosts-file.ts';
import { openResolver, type ResolverContext } from '../run/resolver.ts';
import { hostAddresses } from '../spec/files.ts';
import { resolvConf } from '../spec/resolv-conf.ts';
import { resolvFacts } from '../spec/spec.ts';
import { isRunning } from '../state.ts';

type ConnectContext = ResolverContext & Needs<'store' | 'host' | 'ports'>;

/**
 * POST /networks/{id}/connect (daemon/container_operations.go, ConnectToNetwork). One that does not run is only told where it will be.
 * @throws AppError not_found; invalid where the container cannot be on that network, too; forbidden where it is on it already
 */
export async function connectToNetwork(
  context: ConnectContext,
  reference: string,
  { container: name, settings }: { readonly container: string; readonly settings: EndpointSettings },
): Promise<void> {
  const found = context.store.find(name);
  const networks = context.networks.store;
  await found.locked(async (container) => {
    refuseRemoved(container);
    const running = isRunning(container.state);
    // One that does not run may name a network that is made later.
    const network = running ? networks.find(reference) : networks.lookup(reference);
    const asked = parseEndpoint(settings);
    checkRequest(network?.name ?? reference, asked, networks);
    if (network !== null) checkPlace(context, container, network);
    const endpoint = newEndpoint(network?.name ?? reference, asked, network !== null);
    if (running) {
      await plugIn(context, container, endpoint);
      tellConnected(context.networks, container, endpoint.name);
    }
    // Told of the same network again, Docker keeps what it was told first (daemon, updateNetworkSettings).
    else if (network === null || endpointOn(networks, container, network) === null) container.endpoints.set(endpoint.name, endpoint);
  });
}

/**
 * POST /networks/{id}/disconnect.
 * @param options.force the container may be gone: there is nothing of it on the network then
 * @throws AppError not_found; internal, as Docker gives it no class, where it is not on that network
 */
export async function disconnectFromNetwork(
  context: Needs<'store' | 'runtime' | 'networks' | 'ports'>,
  reference: string,
  { container: name, force }: { readonly container: string; readonly force: boolean },
): Promise<void> {
  const found = force ? findOnNetwork(context, name) : context.store.find(name);
  const networks = context.networks.store;
  await found.locked(async (container) => {
    refuseRemoved(container);
    if (isRunning(container.state)) {
      await unplug(context, container, networks.find(reference));
      return;
    }
    const network = networks.lookup(reference);
    const key = network?.name ?? reference;
    if (!container.endpoints.delete(key)) throw notConnected(container, `the network ${key}`);
  });
}

/** Moby gives it no class. */
function notConnected({ id }: Container, network: string): AppError {
  return new AppError('internal', `container ${id} is not connected to ${network}`);
}

function findOnNetwork({ store }: Needs<'store'>, name: string): Container {
  try {
    return store.find(name);
  } catch (cause) {
    throw new AppError('not_found', `endpoint ${name} not found`, { cause });
  }
}

/** daemon/errors.go, errRemovalContainer; it has no class. */
function refuseRemoved({ id, state }: Container): void {
  if (state.status !== 'removing' && state.status !== 'dead') return;
  throw new AppError('internal', `Container ${id} is marked for removal and cannot be connected or disconnected to the network`);
}

/** daemon/container_operations.go, updateNetworkSettings and connectToNetwork. */
function checkPlace({ networks }: Needs<'networks'>, container: Container, network: NetworkRecord): void {
  const { endpoints, modes, state } = container;
  const shared = 'container sharing network namespace with another container or host cannot be connected to any other network';
  const isOn = (driver: string): boolean =>
    [...endpoints.values()].some((endpoint) => networks.store.lookup(networkOf(endpoint))?.driver === driver);
  const isElsewhere = [...endpoints.keys()].some((name) => name !== network.name);
  if (network.driver === 'host' && modes.network.kind !== 'host') throw cannotConnectToHost();
  if (isOn('host') || (isRunning(state) && modes.network.kind !== 'networks')) throw new AppError('invalid', shared);
  if (isElsewhere && (network.driver === 'null' || isOn('null')))
    throw new AppError('invalid', 'container cannot be connected to multiple networks with one of the networks in private (none) mode');
  if (isRunning(state) && endpoints.has(network.name)) throw alreadyOn(container, network);
}

/** A lease, then the interface in the container and its line in /etc/hosts; nothing is left of a failure. */
async function plugIn(context: ConnectContext, container: LockedContainer, endpoint: Endpoint): Promise<void> {
  container.endpoints.set(endpoint.name, endpoint);
  try {
    const joined = await joinNetwork(context.networks, container, endpoint);
    if (joined === null) return;
    const { made, link } = joined;
    const routes = routesBy(defaultGateways(container), link);
    await context.runtime.networks.addEndpoint(container.id, made, routes);
    await updateHosts(context, container, { added: hostAddresses(link, container.hostConfig) });
    await followLinked(context, container);
    await tellParents(context, container);
    await movePorts(context, container);
    const before = resolvConf(resolvFacts(context, container));
    await openResolver(context, container, { ahead: false });
    await updateResolvConf(context, container, { before, now: resolvConf(resolvFacts(context, container)) });
  } catch (thrown) {
    const { lease = null } = container.endpoints.get(endpoint.name) ?? {};
    const network = context.networks.store.lookup(endpoint.name);
    const made = lease === null || network === null ? null : agentEndpoint(network, lease);
    // Why it failed matters more than that the way back failed, too.
    if (made !== null) await context.runtime.networks.removeEndpoint(container.id, made, { v4: '', v6: '' }).catch(() => undefined);
    leaveNetwork(context.networks, container, endpoint.name);
    container.endpoints.delete(endpoint.name);
    await movePorts(context, container).catch(() => undefined);
    throw toAppError(thrown);
  }
}

async function unplug(context: Needs<'runtime' | 'networks' | 'ports'>, container: LockedContainer, network: NetworkRecord): Promise<void> {
  if (container.modes.network.kind === 'host' && network.driver === 'host')
    throw new AppError('invalid', 'cannot disconnect container from host network - container was created in host network mode');
  const endpoint = container.endpoints.get(network.name);
  if (endpoint === undefined) throw notConnected(container, `network ${network.name}`);
  const made = endpoint.lease === null ? null : agentEndpoint(network, endpoint.lease);
  if (made !== null) {
    const link = endpoint.lease?.link ?? null;
    const remaining = new Map([...container.endpoints].filter(([name]) => name !== network.name));
    const routes = changedRoutes(defaultGateways(container), defaultGateways({ endpoints: remaining }));
    await context.runtime.networks.removeEndpoint(container.id, made, routes);
    await updateHosts(context, container, { gone: hostAddresses(link, container.hostConfig) });
  }
  leaveNetwork(context.networks, container, network.name);
  container.endpoints.delete(network.name);
  await movePorts(context, container);
}
