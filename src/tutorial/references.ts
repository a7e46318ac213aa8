import type { ImageSummary } from '../protocol/engine-api.ts';

/** A registry's part of a name has a dot, a port or an upper-case letter, or is localhost (distribution/reference, normalize.go). */
const isDomain = (part: string): boolean => /[.:A-Z]/.test(part) || part === 'localhost';

/** `nginx` is `docker.io/library/nginx:latest`. An id (`sha256:…`) stays what it is. */
export function normaliseReference(reference: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(reference)) return reference;
  const slash = reference.indexOf('/');
  const first = slash < 0 ? '' : reference.slice(0, slash);
  const hasDomain = slash > 0 && isDomain(first);
  const domain = hasDomain ? first.replace(/^index\.docker\.io$/, 'docker.io') : 'docker.io';
  const rest = hasDomain ? reference.slice(slash + 1) : reference;
  const path = domain === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const named = path.includes('@') || path.slice(path.lastIndexOf('/') + 1).includes(':');
  return `${domain}/${path}${named ? '' : ':latest'}`;
}

/** As people write it: without the parts that normalising adds. */
export function familiarReference(reference: string): string {
  return normaliseReference(reference)
    .replace(/^docker\.io\/(library\/)?/, '')
    .replace(/:latest$/, '');
}

const idPrefix = /^(sha256:)?([0-9a-f]{3,64})$/;

/** The image that a reference, an id or a prefix of an id means. */
export function findImage(images: readonly ImageSummary[], reference: string): ImageSummary | undefined {
  const wanted = normaliseReference(reference);
  const byName = images.find((image) => [...image.RepoTags, ...image.RepoDigests].some((tag) => normaliseReference(tag) === wanted));
  if (byName !== undefined) return byName;
  const digits = idPrefix.exec(reference)?.[2];
  return digits === undefined ? undefined : images.find((image) => image.Id.startsWith(`sha256:${digits}`));
}

/** Everything an image is called: the reference it was asked for by, its id, and every name that points at it. Normalised. */
export function imageAliases(images: readonly ImageSummary[], asked: string, id?: string): readonly string[] {
  const image = (id === undefined ? undefined : images.find(({ Id }) => Id === id)) ?? findImage(images, asked);
  const names = image === undefined ? [] : [image.Id, ...image.RepoTags, ...image.RepoDigests];
  return [...new Set([asked, ...(id === undefined ? [] : [id]), ...names].filter((name) => name !== '').map(normaliseReference))];
}
