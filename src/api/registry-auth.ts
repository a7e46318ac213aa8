import { z } from 'zod';
import { decodeBase64 } from '../grammar/base64.ts';
import type { HttpRequest } from '../protocol/http.ts';
import { decodeJson } from '../protocol/json-body.ts';
import type { RegistryAuth } from './backend.ts';

const text = z.string().nullish();
/** Moby: api/types/registry, AuthConfig. */
export const authConfigSchema = z.object({
  username: text,
  password: text,
  identitytoken: text,
  registrytoken: text,
  serveraddress: text,
});

export function registryAuthOf(config: z.output<typeof authConfigSchema>): RegistryAuth {
  const { username, password, identitytoken, registrytoken } = config;
  return {
    username: username ?? undefined,
    password: password ?? undefined,
    identityToken: identitytoken ?? undefined,
    registryToken: registrytoken ?? undefined,
  };
}

/** X-Registry-Auth. What cannot be read is nobody, as to moby ("not required … to be valid"). */
export function requestAuth({ headers }: HttpRequest): RegistryAuth {
  const parsed = authConfigSchema.safeParse(decodedHeader(headers['x-registry-auth']));
  return parsed.success ? registryAuthOf(parsed.data) : {};
}

/** X-Registry-Config of a build: who asks each registry, by its host as in a reference (moby: build_routes.go, getAuthConfigs). */
export function requestAuths({ headers }: HttpRequest): ReadonlyMap<string, RegistryAuth> {
  const parsed = z.record(z.string(), authConfigSchema).safeParse(decodedHeader(headers['x-registry-config']));
  return new Map(Object.entries(parsed.success ? parsed.data : {}).map(([address, config]) => [domainOf(address), registryAuthOf(config)]));
}

function domainOf(address: string): string {
  const host = address
    .replace(/^https?:\/\//, '')
    .split('/', 1)
    .join();
  return host === 'index.docker.io' ? 'docker.io' : host;
}

/** JSON in base64url. undefined: it cannot be read */
function decodedHeader(header = ''): unknown {
  try {
    return decodeJson(decodeBase64(header.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}
