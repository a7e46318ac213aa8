import { isDigest, isRepositoryPath } from '../../../grammar/reference.ts';
import { RegistryError } from './errors.ts';

/** What a request is about. Names and digests are checked; a manifest's reference is a tag or a digest, and checked where it is used. */
export type Target =
  | { readonly kind: 'base' | 'catalog' }
  | { readonly kind: 'tags' | 'uploads'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob' | 'referrers'; readonly name: string; readonly digest: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string };

/** @returns null: no path of the API @throws RegistryError NAME_INVALID, DIGEST_INVALID */
export function parseTarget(path: string): Target | null {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  if (!path.startsWith('/v2/')) return null;
  // A name may have any of the words below in it, what follows it has none: read from its end.
  const parts = path.slice('/v2/'.length).split('/').map(decoded);
  if (parts.at(-3) === 'blobs' && parts.at(-2) === 'uploads') {
    const name = nameOf(parts.slice(0, -3));
    const id = parts.at(-1) ?? '';
    return id === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id };
  }
  const [word = '', last = ''] = parts.slice(-2);
  const name = parts.slice(0, -2);
  if (word === 'blobs' && last === 'uploads') return { kind: 'uploads', name: nameOf(name) };
  if (word === 'tags' && last === 'list') return { kind: 'tags', name: nameOf(name) };
  if (word === 'manifests') return { kind: 'manifest', name: nameOf(name), reference: last };
  if (word === 'blobs') return { kind: 'blob', name: nameOf(name), digest: checkDigest(last) };
  if (word === 'referrers') return { kind: 'referrers', name: nameOf(name), digest: checkDigest(last) };
  return null;
}

/** Some clients write the ":" of a digest as "%3A". */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function nameOf(parts: readonly string[]): string {
  return checkName(parts.join('/'));
}

/** @throws RegistryError NAME_INVALID */
export function checkName(name: string): string {
  if (isRepositoryPath(name)) return name;
  throw new RegistryError('NAME_INVALID', 'invalid repository name', { detail: { name: name.slice(0, 255) } });
}

/** @throws RegistryError DIGEST_INVALID: also for algorithms other than sha256, which nothing here is kept by */
export function checkDigest(digest: string): string {
  if (isDigest(digest)) return digest;
  const detail = { digest: digest.slice(0, 255) };
  throw new RegistryError('DIGEST_INVALID', 'provided digest is not a sha256 digest', { detail });
}
