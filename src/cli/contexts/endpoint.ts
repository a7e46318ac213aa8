/** What `--docker` says of an endpoint (docker/cli: cli/command/context/options.go, cli/connhelper; moby: client.ParseHostURL). */
import { fromUtf8 } from '../../base/bytes.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { parseBool } from '../../grammar/strconv.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { CliSession } from '../session.ts';
import type { TlsMaterial } from './store.ts';

/** Where the engine of this guest listens. */
export const ownHost = 'unix:///var/run/docker.sock';

export type EndpointConfig = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly meta: JsonObject;
  readonly tls: TlsMaterial;
}

const keys: ReadonlySet<string> = new Set(['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify']);

/** @throws StatusError `unable to create docker endpoint config: …` */
export async function endpointFrom(
  session: CliSession,
  config: EndpointConfig,
  endpointOf: (context: string) => Promise<JsonObject>,
): Promise<Endpoint> {
  try {
    const unknown = Object.keys(config).filter((key) => !keys.has(key));
    if (unknown.length > 0) throw new StatusError(1, unknown.map((key) => `unrecognized config key: ${key}`).join('\n'));
    const from = config['from'];
    if (from !== undefined) return { meta: await endpointOf(from), tls: new Map() };
    return await newEndpoint(session, config);
  } catch (error) {
    throw new StatusError(1, `unable to create docker endpoint config: ${messageOf(error)}`);
  }
}

async function newEndpoint(session: CliSession, config: EndpointConfig): Promise<Endpoint> {
  const tls = new Map<string, string>();
  for (const name of ['ca', 'cert', 'key']) {
    const path = config[name] ?? '';
    if (path !== '') tls.set(`docker/${name}.pem`, fromUtf8(await session.readFile(path)));
  }
  const SkipTLSVerify = skipOf(config['skip-tls-verify']);
  const host = config['host'] ?? '';
  if (host !== '') checkHost(host, tls);
  return { meta: { ...(host === '' ? {} : { Host: host }), SkipTLSVerify }, tls };
}

function skipOf(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    return parseBool(text);
  } catch {
    throw new StatusError(1, `skip-tls-verify: parsing ${goQuote(text)}: invalid syntax`);
  }
}

function checkHost(host: string, tls: TlsMaterial): void {
  checkUrl(host);
  if (host.startsWith('ssh://')) checkSsh(host.slice('ssh://'.length));
  else checkTls(tls);
  const [protocol = '', address = ''] = cut(host, '://');
  if (address === '') throw new StatusError(1, `unable to apply docker endpoint options: unable to parse docker host \`${host}\``);
  if (protocol === 'npipe') throw new StatusError(1, 'unable to apply docker endpoint options: protocol not available');
}

function invalidOptions(why: string): StatusError {
  return new StatusError(1, `invalid docker endpoint options: ${why}`);
}

/** What Go's url.Parse refuses in a host. */
function checkUrl(host: string): void {
  const refuse = (why: string): StatusError => invalidOptions(`parse ${goQuote(host)}: ${why}`);
  if (host.startsWith(':')) throw refuse('missing protocol scheme');
  const authority = /^[^/]+:\/\/([^/?#]*)/.exec(host)?.[1];
  if (authority === undefined) return;
  const name = authority.slice(authority.lastIndexOf('@') + 1);
  if (name.startsWith('[') && !name.includes(']')) throw refuse("missing ']' in host");
  const port = name.startsWith('[') ? name.slice(name.indexOf(']') + 1) : name.includes(':') ? name.slice(name.lastIndexOf(':')) : '';
  if (port !== '' && !/^:\d*$/.test(port)) throw refuse(`invalid port ${goQuote(port)} after host`);
  const odd = /[\s<>"\\^`{|}]/.exec(name)?.[0];
  if (odd !== undefined) throw refuse(`invalid character ${goQuote(odd)} in host name`);
}

function checkSsh(rest: string): void {
  const refuse = (why: string): StatusError => invalidOptions(`ssh host connection is not valid: invalid SSH URL: ${why}`);
  const [beforeFragment = '', fragment = ''] = cut(rest, '#');
  const [place = '', query = ''] = cut(beforeFragment, '?');
  const [authority = ''] = cut(place, '/');
  const at = authority.lastIndexOf('@');
  if (at >= 0 && authority.slice(0, at).includes(':')) throw refuse('plain-text password is not supported');
  if (authority.slice(at + 1).replace(/:\d*$/, '') === '') throw refuse('hostname is empty');
  if (query !== '') throw refuse(`query parameters are not allowed: ${goQuote(query)}`);
  if (fragment !== '') throw refuse(`fragments are not allowed: ${goQuote(fragment)}`);
}

const pem = /-----BEGIN ([A-Z0-9 ]+)-----\s[\s\S]+?-----END \1-----/;

/** That they are PEM blocks of their kind; nothing connects with them, so nothing reads further. */
function checkTls(tls: TlsMaterial): void {
  const kindOf = (file: string): string | undefined => pem.exec(tls.get(`docker/${file}`) ?? '')?.[1];
  const refuse = (why: string): StatusError => invalidOptions(`failed to retrieve context tls info: ${why}`);
  if (tls.has('docker/ca.pem') && kindOf('ca.pem') !== 'CERTIFICATE') throw refuse('ca.pem seems invalid');
  if (!tls.has('docker/cert.pem') || !tls.has('docker/key.pem')) return;
  const [certificate, key] = [kindOf('cert.pem'), kindOf('key.pem')];
  if (key === undefined) throw invalidOptions('no valid private key found');
  if (certificate !== 'CERTIFICATE')
    throw refuse(
      certificate?.endsWith('PRIVATE KEY') === true
        ? 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
        : 'tls: failed to find any PEM data in certificate input',
    );
  if (key === 'CERTIFICATE') throw refuse('tls: found a certificate rather than a key in the PEM for the private key');
}

/** Go's strings.Cut. */
function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
