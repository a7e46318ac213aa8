import { AppError } from '../../../base/errors.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { nothingAsked, type EndpointRequest } from '../../networks/endpoint.ts';
import type { NamespaceModes } from '../modes.ts';

type Endpoints = ReadonlyMap<string, EndpointRequest>;

export const macWarning = 'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.';

/**
 * The container-wide address becomes that of the main network (api/server/router/container, handleMACAddressBC).
 * @param network what the mode calls the main network; null where there is none of the container's own
 * @throws AppError invalid where both are said and differ, and where endpoints are said but none of that name
 */
export function withMainMac(
  { MacAddress: wide = '' }: Pick<ContainerConfig, 'MacAddress'>,
  endpoints: Endpoints,
  network: string | null,
): Endpoints {
  if (wide === '' || network === null) return endpoints;
  if (endpoints.size > 0 && !endpoints.has(network)) {
    const why = 'HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks';
    throw new AppError('invalid', `unable to migrate container-wide MAC address to a specific network: ${why}`);
  }
  const main = endpoints.get(network) ?? nothingAsked;
  if (main.mac !== '' && main.mac !== wide) {
    const why = 'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty';
    throw new AppError('invalid', why);
  }
  return new Map([...endpoints, [network, { ...main, mac: wide }]]);
}

/** The network that a container has its first address on; null where it has none of its own. */
export function mainNetwork({ network }: NamespaceModes): string | null {
  return network.kind === 'networks' && network.main !== 'none' ? network.main : null;
}
