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

/** X-Registry-Auth: JSON in base64url. What cannot be read is nobody, as to moby ("not required … to be valid"). */
export function requestAuth({ headers }: HttpRequest): RegistryAuth {
  const encoded = (headers['x-registry-auth'] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  try {
    const parsed = authConfigSchema.safeParse(decodeJson(decodeBase64(encoded)));
    return parsed.success ? registryAuthOf(parsed.data) : {};
  } catch {
    return {};
  }
}
