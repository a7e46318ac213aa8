import type { Container } from '../container.ts';

/** "80/tcp": ports that others on its networks can reach; none where the container has no address of its own (host, none, not running). */
export function exposedPorts({ config, endpoints }: Container): string[] {
  const reachable = [...endpoints.values()].some(({ lease }) => lease !== null && lease.link !== null);
  return reachable ? Object.keys(config.ExposedPorts ?? {}) : [];
}
