import { familiarString, fullString, isDigest, parseReference, withDefaultTag, type Reference } from '../grammar/reference.ts';
import type { ImageSummary } from '../protocol/engine-api.ts';

/** `nginx` is `docker.io/library/nginx:latest`. An id (`sha256:…`) stays what it is, and so does what is no reference. */
export function normaliseReference(reference: string): string {
  const parsed = parse(reference);
  return parsed === null ? reference : fullString(withDefaultTag(parsed));
}

/** As people write it: without the parts that normalising adds. */
export function familiarReference(reference: string): string {
  const parsed = parse(reference);
  return parsed === null ? reference : familiarString(parsed.tag === 'latest' ? { ...parsed, tag: null } : parsed);
}

function parse(text: string): Reference | null {
  if (isDigest(text)) return null;
  try {
    return parseReference(text);
  } catch {
    return null;
  }
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
