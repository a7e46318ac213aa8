import { AppError } from '../../base/errors.ts';
import { isMacAddress } from './addresses.ts';
import type { NetworkStore } from '../networks/store.ts';
import type { ContainerConfig, CreateContainerBody, EndpointSettings, HostConfig } from '../../protocol/engine-api.ts';

type Endpoints = Readonly<Record<string, EndpointSettings>>;

/** What is asked of each network, by its name whatever the client called it; "default" is the default bridge. */
export function endpointsAsked({ EndpointsConfig: given }: CreateContainerBody['NetworkingConfig'], networks: NetworkStore): Endpoints {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([asked, settings]) => [networkName(networks, asked === 'default' ? 'bridge' : asked), settings]),
  );
}

/** The name of a network that was given by name, ID or the first digits of one; what is not there keeps what it was called. */
export function networkName(networks: NetworkStore, reference: string): string {
  return networks.lookup(reference)?.name ?? reference;
}

/** Options that exclude each other, and what only user-defined networks have. @throws AppError invalid, in Docker's words */
export function checkNetwork(config: ContainerConfig, hostConfig: HostConfig, endpoints: Endpoints): void {
  if (hostConfig.NetworkMode.startsWith('container:')) checkJoining(config, hostConfig);
  refuseLinks(hostConfig.Links);
  if (hostConfig.UTSMode === 'host' && config.Hostname !== '') throw invalid('conflicting options: hostname and the UTS mode');
  const { MacAddress: mac = '' } = config;
  if (mac !== '' && !isMacAddress(mac)) throw wrongMac(hostConfig.NetworkMode, mac);
  for (const [name, settings] of Object.entries(endpoints)) checkEndpoint(name, settings);
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

/** daemon/container_operations.go, validateEndpointSettings. */
function checkEndpoint(
  network: string,
  { IPAMConfig: addresses, Aliases: aliases, Links: links, MacAddress: mac }: EndpointSettings,
): void {
  refuseLinks(links);
  if (mac !== '' && !isMacAddress(mac)) throw wrongMac(network, mac);
  if (!['bridge', 'host', 'none'].includes(network)) return;
  const fixed = addresses?.IPv4Address ?? addresses?.IPv6Address ?? '';
  const refused = (why: string): AppError => invalid(`invalid config for network ${network}: invalid endpoint settings:\n${why}`);
  if (fixed !== '') throw refused('user specified IP address is supported on user defined networks only');
  if ((aliases ?? []).length > 0) throw refused('network-scoped alias is supported only for containers in user defined networks');
}

function wrongMac(network: string, mac: string): AppError {
  return invalid(`invalid config for network ${network}: invalid MAC address ${mac}`);
}

/** @throws AppError not_implemented */
function refuseLinks(links: readonly string[] | null): void {
  if (links !== null && links.length > 0)
    throw new AppError('not_implemented', 'links are not supported by this engine; containers on one network reach each other');
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
