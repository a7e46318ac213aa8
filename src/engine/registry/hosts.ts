import type { HttpHandler } from '../../protocol/http.ts';

/**
 * Who answers for a registry's host with the distribution API (opencontainers/distribution-spec, "/v2/…").
 * @param host as in a reference: "docker.io", "dockerhub.myprivateregistry.com", "localhost:5000"
 * @returns null where nobody answers
 */
export type RegistryHosts = (host: string) => HttpHandler | null;
