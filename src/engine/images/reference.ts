/**
 * Image names exactly as Docker reads them (github.com/distribution/reference): "busybox" is docker.io/library/busybox. The full form is
 * kept, the familiar one is shown.
 */
import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';

export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | null;
  /** sha256:… */
  readonly digest: string | null;
}

const defaultDomain = 'docker.io';
const legacyDefaultDomain = 'index.docker.io';
const official = 'library/';
const longestPath = 255;

const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const domainComponent = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const tagPattern = '[\\w][\\w.-]{0,127}';
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const referenceExpression = new RegExp(`^(${host})/(${pathComponent}(?:/${pathComponent})*)(?::(${tagPattern}))?(?:@(${digestPattern}))?$`);
const tagExpression = new RegExp(`^${tagPattern}$`);
const hexId = /^[a-f0-9]{64}$/;

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

/** @throws AppError invalid, with Docker's words */
export function parseReference(text: string): Reference {
  if (hexId.test(text)) throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  const name = rest.split(':', 1)[0] ?? '';
  if (name.toLowerCase() !== name) throw invalid(`invalid reference format: repository name (${name}) must be lowercase`);
  const match = referenceExpression.exec(`${domain}/${rest}`);
  if (match === null) throw invalid('invalid reference format');
  const [, matchedDomain = '', path = '', tag, digest] = match;
  if (path.length > longestPath) throw invalid(`repository name must not be more than ${longestPath} characters`);
  return { domain: matchedDomain, path, tag: tag ?? null, digest: digest === undefined ? null : parseDigest(digest) };
}

function splitDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(0, slash));
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const domain = isDomain && first !== legacyDefaultDomain ? first : defaultDomain;
  const rest = isDomain ? text.slice(slash + 1) : text;
  return { domain, rest: domain === defaultDomain && !rest.includes('/') ? `${official}${rest}` : rest };
}

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** @throws AppError invalid (opencontainers/go-digest) */
export function parseDigest(text: string): string {
  const [algorithm = '', hex = ''] = text.split(':', 2);
  const length = ownValue(digestLengths, algorithm);
  if (length === undefined) throw invalid('unsupported digest algorithm');
  if (hex.length !== length) throw invalid('invalid checksum digest length');
  if (!/^[a-f0-9]+$/.test(hex)) throw invalid('invalid checksum digest format');
  return text;
}

export function isDigest(text: string): boolean {
  return /^sha256:[a-f0-9]{64}$/.test(text);
}

export function withTag(reference: Reference, tag: string): Reference {
  if (!tagExpression.test(tag)) throw invalid('invalid tag format');
  return { ...reference, tag };
}

/** "latest" where neither tag nor digest is given. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === null && reference.digest === null ? { ...reference, tag: 'latest' } : reference;
}

/** "docker.io/library/busybox" */
export function fullName(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** "busybox" */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  return path.startsWith(official) && !path.slice(official.length).includes('/') ? path.slice(official.length) : path;
}

/** "busybox:latest", "busybox@sha256:…" */
export function familiarString(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

/** "docker.io/library/busybox:latest" */
export function fullString(reference: Reference): string {
  return `${fullName(reference)}${suffix(reference)}`;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}
