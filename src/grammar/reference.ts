/**
 * Image names exactly as Docker reads them (github.com/distribution/reference): "busybox" is docker.io/library/busybox. The full form is
 * kept, the familiar one is shown.
 */
import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';
import { ownValue } from '../base/record.ts';

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

/** Domain, path, tag and digest, each as distribution/reference's grammar has it; written out, so that lint sees that none backtracks. */
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const hexId = /^[a-f0-9]{64}$/;

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

/** `busybox`, `busybox:1`, `host:5000/a/b@sha256:…` with Docker Hub's defaults filled in. @throws AppError invalid in Docker's words */
export function parseReference(text: string, steps?: Steps): Reference {
  if (hexId.test(text)) throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  steps?.take(1 + text.length);
  const name = rest.split(':', 1)[0] ?? '';
  if (name.toLowerCase() !== name) throw invalid(`invalid reference format: repository name (${name}) must be lowercase`);
  const [named = '', digest = null, ...digests] = rest.split('@');
  const [path = '', tag = null, ...tags] = named.split(':');
  const fits =
    domainPattern.test(domain) &&
    path.split('/').every((component) => {
      steps?.take(1 + component.length);
      return componentPattern.test(component);
    }) &&
    (tag === null || tagPattern.test(tag)) &&
    (digest === null || digestPattern.test(digest)) &&
    digests.length + tags.length === 0;
  if (!fits) throw invalid('invalid reference format');
  if (path.length > longestPath) throw invalid(`repository name must not be more than ${longestPath} characters`);
  return { domain, path, tag, digest: digest === null ? null : parseDigest(digest) };
}

/** An image identifier (64 hexadecimal digits or a digest) is no name: null. @throws AppError invalid in Docker's words */
export function parseNameOrId(text: string): Reference | null {
  return hexId.test(text) || isDigest(text) ? null : parseReference(text);
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

/** The path of a name, without domain, tag and digest: "library/busybox". */
export function isRepositoryPath(path: string): boolean {
  return path.length <= longestPath && path.split('/').every((component) => componentPattern.test(component));
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

export function withTag(reference: Reference, tag: string): Reference {
  if (!tagPattern.test(tag)) throw invalid('invalid tag format');
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
