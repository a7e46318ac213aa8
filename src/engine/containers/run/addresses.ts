import type { Container } from '../container.ts';

/** What inspect shows of a container that does not run. */
export function clearAddresses(container: Container): void {
  for (const [name, settings] of container.endpoints) {
    container.endpoints.set(name, {
      ...settings,
      EndpointID: '',
      Gateway: '',
      IPAddress: '',
      IPPrefixLen: 0,
      MacAddress: container.config.MacAddress ?? '',
    });
  }
}
