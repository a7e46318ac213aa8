import { z } from 'zod';
import type { Container } from './container.ts';

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

/** An IP address, of either version. */
export function isAddress(text: string): boolean {
  return z.union([z.ipv4(), z.ipv6()]).safeParse(text).success;
}

/** "02:42:ac:11:00:02", also with dashes, as Go's net.ParseMAC takes it. */
export function isMacAddress(text: string): boolean {
  return /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(text);
}
