import { AppError } from '../../../base/errors.ts';
import type { Clock } from '../../clock.ts';
import type { RegistryAuth, RegistryHosts } from '../hosts.ts';
import { cancelBody, RegistryClient } from './client.ts';
import { refusalOf } from './errors.ts';

const defaultHost = 'docker.io';
const namesOfDefault = new Set(['', 'docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** "https://index.docker.io/v1/" is docker.io (moby: registry.ConvertToHostname). @throws AppError invalid for what is no host */
export function registryHost(serverAddress: string): string {
  const [host = ''] = serverAddress.replace(/^https?:\/\//, '').split('/');
  if (namesOfDefault.has(host)) return defaultHost;
  const [wrong] = /[^\w.\-:[\]]/.exec(host) ?? [];
  if (wrong !== undefined)
    throw new AppError(
      'invalid',
      `unable to parse server address: parse "https://${host}": invalid character ${JSON.stringify(wrong)} in host name`,
    );
  return host;
}

/**
 * Whether a registry takes the credentials.
 * @throws AppError internal "login attempt to http://localhost:5000/v2/ failed with status: 401 Unauthorized", with the registry's reason where it gives one
 */
export async function loginTo(
  { hosts, clock, signal }: { readonly hosts: RegistryHosts; readonly clock: Clock; readonly signal: AbortSignal },
  serverAddress: string,
  auth: RegistryAuth,
): Promise<void> {
  const client = new RegistryClient({ hosts, host: registryHost(serverAddress), auth, clock });
  const answer = await client.login(signal);
  if (answer.status === 200) return cancelBody(answer);
  const why = (await refusalOf(answer)).message;
  const reason =
    why.endsWith('authentication required') || why.startsWith('received unexpected') ? '' : `: ${why.replace(/^[a-z ]+: /, '')}`;
  const status = answer.status === 401 ? '401 Unauthorized' : String(answer.status);
  throw new AppError('internal', `login attempt to ${client.url}/v2/ failed with status: ${status}${reason}`);
}
