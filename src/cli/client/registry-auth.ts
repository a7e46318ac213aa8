import { encodeBase64 } from '../../grammar/base64.ts';
import type { Credentials } from '../contexts/config-file.ts';
import type { CliContext } from '../context.ts';

/** The hub's address, under which its credentials are kept (moby: registry.IndexServer). */
export const hubAddress = 'https://index.docker.io/v1/';

/** X-Registry-Auth for a host, of what `docker login` keeps. @param domain as in a reference */
export async function registryAuth({ contexts }: CliContext, domain: string): Promise<Readonly<Record<string, string>>> {
  const found = await contexts.config.credentials(domain === 'docker.io' ? hubAddress : domain);
  return { 'x-registry-auth': encoded(found === null ? {} : authConfig(found)) };
}

/** X-Registry-Config, of all that `docker login` keeps. */
export async function registryConfig({ contexts }: CliContext): Promise<Readonly<Record<string, string>>> {
  const all = await contexts.config.allCredentials();
  return { 'x-registry-config': encoded(Object.fromEntries(all.map((each) => [each.address, authConfig(each)]))) };
}

/** moby's AuthConfig; the daemon is told nothing that is empty. */
export function authConfig({ address, username, password }: Credentials): Readonly<Record<string, string>> {
  return {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    serveraddress: address,
  };
}

/** JSON in base64url, filled up. */
function encoded(value: object): string {
  return encodeBase64(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_');
}
