import { ownValue } from '../base/record.ts';
import type { Steps } from '../base/steps.ts';

/** Image references as distribution/reference parses and shortens them. */
export interface ImageReference {
  /** `docker.io`, `localhost:5000` */
  readonly domain: string;
  /** `library/busybox` */
  readonly path: string;
  /** '' if none was given. */
  readonly tag: string;
  /** `sha256:…` or ''. */
  readonly digest: string;
}

/** A reference in Docker's words of refusal. */
export class ReferenceError extends Error {}

/** Domain, path, tag and digest, each as distribution/reference's grammar has it; written out, so that lint sees that none backtracks. */
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** `busybox`, `busybox:1`, `host:5000/a/b@sha256:…` with Docker Hub's defaults filled in. Throws ReferenceError. */
export function parseReference(text: string, steps?: Steps): ImageReference {
  if (/^[a-f0-9]{64}$/.test(text))
    throw new ReferenceError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, remainder } = splitDomain(text);
  steps?.take(1 + remainder.length);
  const colon = remainder.indexOf(':');
  const remote = colon === -1 ? remainder : remainder.slice(0, colon);
  if (remote !== remote.toLowerCase()) throw new ReferenceError(`invalid reference format: repository name (${remote}) must be lowercase`);
  const [named = '', digest, ...more] = remainder.split('@');
  const [path = '', tag, ...tags] = named.split(':');
  const fits =
    domainPattern.test(domain) &&
    path.split('/').every((component) => {
      steps?.take(1 + component.length);
      return componentPattern.test(component);
    }) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest)) &&
    more.length + tags.length === 0;
  if (!fits) throw new ReferenceError('invalid reference format');
  if (path.length > 255) throw new ReferenceError('invalid reference format: repository name must not be more than 255 characters');
  checkDigest(digest ?? '');
  return { domain, path, tag: tag ?? '', digest: digest ?? '' };
}

/** An image identifier (64 hexadecimal digits or a digest) is no name. Throws ReferenceError. */
export function parseNameOrId(text: string): ImageReference | null {
  if (/^[a-f0-9]{64}$/.test(text) || /^sha256:[a-f0-9]{64}$/.test(text)) return null;
  return parseReference(text);
}

function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isDomain = slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = isDomain && first !== 'index.docker.io' ? first : 'docker.io';
  const remainder = isDomain ? text.slice(slash + 1) : text;
  return { domain, remainder: domain === 'docker.io' && !remainder.includes('/') ? `library/${remainder}` : remainder };
}

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

function checkDigest(digest: string): void {
  if (digest === '') return;
  const [algorithm = '', hex = ''] = digest.split(':');
  const length = ownValue(digestLengths, algorithm);
  if (length === undefined) throw new ReferenceError('unsupported digest algorithm');
  if (hex.length !== length) throw new ReferenceError('invalid checksum digest length');
  if (hex !== hex.toLowerCase()) throw new ReferenceError('invalid checksum digest format');
}

/** `docker.io/library/busybox` */
export function fullName(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}`;
}

/** `busybox` */
export function familiarName(reference: ImageReference): string {
  if (reference.domain !== 'docker.io') return fullName(reference);
  return reference.path.replace(/^library\/(?=[^/]*$)/, '');
}

/** `busybox:latest` */
export function familiarString(reference: ImageReference): string {
  return (
    familiarName(reference) + (reference.tag === '' ? '' : `:${reference.tag}`) + (reference.digest === '' ? '' : `@${reference.digest}`)
  );
}

/** With `latest` if it has neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === '' && reference.digest === '' ? { ...reference, tag: 'latest' } : reference;
}
