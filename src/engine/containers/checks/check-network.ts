import { AppError, toAppError } from '../../../base/errors.ts';
import { holds, parseSubnet, type Bits, type Subnet } from '../../networks/address.ts';
import { parseEndpoint, type EndpointRequest } from '../../networks/endpoint.ts';
import { isPredefined, type AddressPool } from '../../networks/network.ts';
import type { NetworkStore } from '../../networks/store.ts';
import { cannotLinkOnHost } from '../links.ts';
import type { NamespaceModes } from '../modes.ts';
import { isAddress, isAddress4, isAddress6, isHardwareAddress } from '../../../grammar/address.ts';
import type { ContainerConfig, CreateContainerBody, HostConfig } from '../../../protocol/engine-api.ts';

/** What is asked of each network, by what the client calls it; "default" is the default bridge where it is the mode, too. */
export function endpointsAsked({
  HostConfig: { NetworkMode: mode },
  NetworkingConfig: { EndpointsConfig: given },
}: Pick<CreateContainerBody, 'HostConfig' | 'NetworkingConfig'>): Map<string, EndpointRequest> {
  const isDefault = mode === '' || mode === 'default';
  return new Map(
    Object.entries(given ?? {}).map(([name, settings]) => [isDefault && name === 'default' ? 'bridge' : name, parseEndpoint(settings)]),
  );
}

/** Options that exclude each other, and what only user-defined networks have. @throws AppError invalid, in Docker's words */
export function checkNetwork(
  config: ContainerConfig,
  hostConfig: HostConfig,
  {
    endpoints,
    networks,
    modes,
  }: { readonly endpoints: ReadonlyMap<string, EndpointRequest>; readonly networks: NetworkStore; readonly modes: NamespaceModes },
): void {
  if (modes.network.kind === 'container') checkJoining(config, hostConfig);
  if ((hostConfig.Links ?? []).length > 0) checkLinks(modes);
  if (modes.uts === 'host' && config.Hostname !== '') throw invalid('conflicting options: hostname and the UTS mode');
  for (const [name, asked] of endpoints) checkEndpoint(name, asked, networks);
}

/** runconfig/hostconfig.go, validateNetContainerMode. */
function checkJoining(config: ContainerConfig, hostConfig: HostConfig): void {
  const conflict = (what: string): AppError => invalid(`conflicting options: ${what}`);
  if (config.Hostname !== '') throw conflict('hostname and the network mode');
  if ((hostConfig.Dns ?? []).length > 0) throw conflict('dns and the network mode');
  if ((hostConfig.ExtraHosts ?? []).length > 0) throw conflict('custom host-to-IP mapping and the network mode');
  if (Object.keys(hostConfig.PortBindings ?? {}).length > 0 || hostConfig.PublishAllPorts)
    throw conflict('port publishing and the container type network mode');
  if (Object.keys(config.ExposedPorts ?? {}).length > 0) throw conflict('port exposing and the container type network mode');
}

function checkEndpoint(name: string, asked: EndpointRequest, networks: NetworkStore): void {
  try {
    checkRequest(name, asked, networks);
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw kind === 'invalid' ? invalid(`invalid config for network ${name}: ${message}`) : thrown;
  }
}

/**
 * daemon/container_operations.go, validateEndpointSettings: all that is wrong with what is asked of a network is told at once.
 * @param name what the network is called by; nothing is known of one that is not there
 * @throws AppError invalid, in Docker's words
 */
export function checkRequest(name: string, asked: EndpointRequest, networks: NetworkStore): void {
  const wrong = [...wrongOnPredefined(name, asked), ...wrongAddresses(name, asked.addresses, networks)];
  const listed = wrong.length === 1 ? wrong : wrong.map((why) => `* ${why}`);
  if (wrong.length > 0) throw invalid(`invalid endpoint settings:\n${listed.join('\n')}`);
  if ((asked.addresses?.linkLocal ?? []).length > 0)
    throw new AppError('not_implemented', 'link-local addresses are not supported by this engine');
  if (asked.mac !== '' && !isHardwareAddress(asked.mac)) throw invalid(`invalid MAC address ${asked.mac}`.trimEnd());
}

function wrongOnPredefined(name: string, { addresses, aliases }: EndpointRequest): string[] {
  if (!['bridge', 'host', 'none'].includes(name)) return [];
  const isFixed = (addresses?.v4 ?? '') !== '' || (addresses?.v6 ?? '') !== '';
  return [
    ...(isFixed ? ['user specified IP address is supported on user defined networks only'] : []),
    ...((aliases ?? []).length > 0 ? ['network-scoped alias is supported only for containers in user defined networks'] : []),
  ];
}

function wrongAddresses(name: string, addresses: EndpointRequest['addresses'], networks: NetworkStore): string[] {
  const { v4 = '', v6 = '', linkLocal: local = [] } = addresses ?? {};
  const chosen = poolsOf(name, networks)
    .filter(({ isChosen }) => isChosen)
    .map(({ subnet }) => parseSubnet(subnet));
  const ofVersion = (bits: Bits): Subnet[] => chosen.filter((subnet) => subnet.bits === bits);
  const unconfigured = 'user specified IP address is supported only when connecting to networks with user configured subnets';
  const misplaced = (address: string, subnets: readonly Subnet[]): string[] => {
    if (address === '') return [];
    if (subnets.length === 0) return [unconfigured];
    return subnets.some((subnet) => holds(subnet, address)) ? [] : [`no configured subnet or ip-range contain the IP address ${address}`];
  };
  return [
    ...(v4 !== '' && !isAddress4(v4) ? [`invalid IPv4 address: ${v4}`] : []),
    ...(v6 !== '' && !isAddress6(v6) ? [`invalid IPv6 address: ${v6}`] : []),
    ...local.filter((address) => !isAddress(address)).map((address) => `invalid link-local IP address: ${address}`),
    ...new Set([...misplaced(v4, ofVersion(32)), ...misplaced(v6, ofVersion(128))]),
  ];
}

/** Of a predefined network only its name gives them: what its ID asks for is refused for want of a subnet of the user's. */
function poolsOf(name: string, networks: NetworkStore): readonly AddressPool[] {
  const network = networks.lookup(name);
  return network === null || (isPredefined(network) && network.name !== name) ? [] : network.pools;
}

/** runconfig/hostconfig.go, validateNetMode. */
function checkLinks({ network }: NamespaceModes): void {
  if (network.kind === 'host') throw cannotLinkOnHost();
  if (network.kind === 'container')
    throw invalid("conflicting options: container type network can't be used with links. This would result in undefined behavior");
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
