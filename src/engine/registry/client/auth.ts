/** RFC 7235 challenges as registries make them, and what answers them (distribution/registry/client/auth). */
import { z } from 'zod';
import { fromUtf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { encodeBase64 } from '../../../grammar/base64.ts';
import { decodeJson } from '../../../protocol/json-body.ts';
import type { RegistryAuth } from '../hosts.ts';

export type Challenge =
  { readonly scheme: 'basic' } | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string; readonly scope: string };

/** What WWW-Authenticate asks for. null: nothing that is known here */
export function parseChallenge(header: string): Challenge | null {
  const [scheme = ''] = header.trim().split(' ', 1);
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  if (scheme.toLowerCase() !== 'bearer') return null;
  const rest = header.trim().slice(scheme.length);
  const values = new Map([...rest.matchAll(/\b([a-z]{1,20})="([^"]*)"/gi)].map(([, name = '', value = '']) => [name.toLowerCase(), value]));
  const realm = values.get('realm') ?? '';
  if (realm === '') return null;
  return { scheme: 'bearer', realm, service: values.get('service') ?? '', scope: values.get('scope') ?? '' };
}

/** "Basic …"; null without a name. */
export function basicHeader({ username = '', password = '' }: RegistryAuth): string | null {
  return username === '' ? null : `Basic ${encodeBase64(`${username}:${password}`)}`;
}

/** A request for a token, to the realm's own host. */
export interface TokenRequest {
  readonly host: string;
  readonly method: 'GET' | 'POST';
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A name and a password go in Basic; an identity token is a refresh token of OAuth 2 (distribution-spec's token authentication).
 * @throws AppError invalid for a realm that is no URL
 */
export function tokenRequest(
  challenge: Extract<Challenge, { readonly scheme: 'bearer' }>,
  scopes: readonly string[],
  auth: RegistryAuth,
): TokenRequest {
  const [, host = '', path = ''] = /^https?:\/\/([^/?#]+)(\/[^?#]*)?(?:\?[^#]*)?$/.exec(challenge.realm) ?? [];
  if (host === '') throw new AppError('invalid', `invalid token auth challenge realm: ${challenge.realm}`);
  const parameters = new URLSearchParams();
  if (challenge.service !== '') parameters.append('service', challenge.service);
  if (auth.identityToken !== undefined && auth.identityToken !== '') {
    if (scopes.length > 0) parameters.append('scope', scopes.join(' '));
    parameters.append('grant_type', 'refresh_token');
    parameters.append('refresh_token', auth.identityToken);
    parameters.append('client_id', 'docker');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { host, method: 'POST', target: path || '/', headers, body: parameters.toString() };
  }
  for (const scope of scopes) parameters.append('scope', scope);
  const basic = basicHeader(auth);
  if (auth.username !== undefined && auth.username !== '') parameters.append('account', auth.username);
  const query = parameters.toString();
  return {
    host,
    method: 'GET',
    target: `${path || '/'}${query === '' ? '' : `?${query}`}`,
    headers: basic === null ? {} : { authorization: basic },
    body: '',
  };
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** @throws AppError internal */
export function parseToken(bytes: Uint8Array): string {
  const parsed = tokenSchema.safeParse(decodeJson(fromUtf8(bytes)));
  const token = parsed.success ? parsed.data.token || parsed.data.access_token || '' : '';
  if (token === '') throw new AppError('internal', 'authorization server did not include a token in the response');
  return token;
}
