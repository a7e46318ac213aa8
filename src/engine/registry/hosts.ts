import type { HttpHandler } from '../../protocol/http.ts';

/**
 * Who answers for a registry's host with the distribution API (opencontainers/distribution-spec, "/v2/…"). Unlike others such a handler may reject: a connection
 * that could not be made, or broke, in the words of Go's net package ("dial tcp 127.0.0.1:5000: connect: connection refused").
 * @param host as in a reference: "docker.io", "dockerhub.myprivateregistry.com", "localhost:5000"
 * @returns null where nobody answers
 */
export type RegistryHosts = (host: string) => HttpHandler | null;

/** Who asks: what a client sent in X-Registry-Auth. Nothing of it is kept. */
export interface RegistryAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A refresh token in place of a password. */
  readonly identityToken?: string | undefined;
  /** A bearer token, sent as it is. */
  readonly registryToken?: string | undefined;
}

/** As Docker takes a registry on the loopback for one without TLS. */
export function registryUrl(host: string): string {
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
  const name = host === 'docker.io' ? 'registry-1.docker.io' : host;
  return `${isLoopback ? 'http' : 'https'}://${name}`;
}
