import { decodeBase64 } from '../../../grammar/base64.ts';
import type { HttpRequest } from '../../../protocol/http.ts';
import type { Accounts, Credentials } from './accounts.ts';
import { RegistryError } from './errors.ts';

/** Who may do what at a host. */
export interface AccessRules {
  /** Shown to who has to sign in (RFC 7617). */
  readonly realm: string;
  /** Whether images are read without an account. */
  readonly isPublic: boolean;
  mayPush(account: string, repository: string): boolean;
}

/** As Docker Hub: anybody reads, an account writes below its own name. */
export const hubRules: AccessRules = {
  realm: 'Drydock hub',
  isPublic: true,
  mayPush: (account, repository) => repository.startsWith(`${account}/`),
};

/** As a company's registry: who has an account reads and writes. */
export const privateRules: AccessRules = { realm: 'Drydock private registry', isPublic: false, mayPush: () => true };

const longestHeader = 4096;

/** @returns null: it comes without credentials @throws RegistryError UNAUTHORIZED for another scheme than Basic */
export function credentialsOf({ headers }: HttpRequest): Credentials | null {
  const header = headers['authorization'] ?? '';
  if (header === '') return null;
  const [scheme = '', encoded = ''] = header.length > longestHeader ? [] : header.split(' ');
  if (scheme.toLowerCase() !== 'basic') throw unauthenticated();
  const text = decodeBase64(encoded);
  const colon = text.indexOf(':');
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  // What some clients send that have none.
  return username === '' && password === '' ? null : { username, password };
}

/** Who asks; null: nobody with an account. @throws RegistryError UNAUTHORIZED */
export async function accountOf(accounts: Accounts, request: HttpRequest): Promise<string | null> {
  const credentials = credentialsOf(request);
  return credentials === null ? null : accounts.check(credentials);
}

/** @throws RegistryError UNAUTHORIZED */
export function checkPull(rules: AccessRules, account: string | null): void {
  if (account === null && !rules.isPublic) throw unauthenticated();
}

/** @throws RegistryError DENIED; with the status of one who may sign in where nobody has */
export function checkPush(rules: AccessRules, account: string | null, repository: string): void {
  if (account !== null && rules.mayPush(account, repository)) return;
  const status = account === null ? 401 : 403;
  const detail = [{ Type: 'repository', Name: repository, Action: 'push' }];
  throw new RegistryError('DENIED', 'requested access to the resource is denied', { status, detail });
}

export function unauthenticated(): RegistryError {
  return new RegistryError('UNAUTHORIZED', 'authentication required', { detail: { scheme: 'Basic' } });
}

/** With what a client needs to know to sign in, as RFC 9110 wants it of every 401. */
export function challenge({ realm }: AccessRules): Readonly<Record<string, string>> {
  return { 'www-authenticate': `Basic realm="${realm}"` };
}
