import type { HttpResponse } from '../../../protocol/http.ts';
import { blobUnknown, RegistryError } from './errors.ts';
import type { Call } from './registry-host.ts';
import { namedBlobs, type BlobLink } from './repositories.ts';
import { empty, type Headers } from './respond.ts';

interface BlobTarget {
  readonly name: string;
  readonly digest: string;
}

/** GET and HEAD; one range of it where asked for (RFC 9110, 14). @throws RegistryError BLOB_UNKNOWN */
export async function getBlob({ host, request }: Call, { name, digest }: BlobTarget): Promise<HttpResponse> {
  const link = host.repositories.find(name)?.blobs.get(digest);
  if (link === undefined) throw blobUnknown(digest);
  // Who pushes asks first, and sends only what is not there.
  link.seen = host.clock.now();
  const headers = { ...blobHeaders(digest), 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
  const range = request.headers['range'];
  const asked = range === undefined || request.method === 'HEAD' ? null : rangeOf(range, link);
  if (asked === 'unsatisfiable') return empty(416, { 'content-range': `bytes */${link.size}` });
  const { offset, count } = asked ?? { offset: 0, count: link.size };
  const sized: Headers = { ...headers, 'content-length': String(count) };
  if (request.method === 'HEAD') return empty(200, sized);
  const body = await host.content.open(digest, { offset, count });
  if (asked === null) return { status: 200, headers: sized, body };
  return { status: 206, headers: { ...sized, 'content-range': `bytes ${offset}-${offset + count - 1}/${link.size}` }, body };
}

/** @throws RegistryError BLOB_UNKNOWN; DENIED for one that a manifest names: an image would not be whole any more */
export function deleteBlob({ host }: Call, { name, digest }: BlobTarget): HttpResponse {
  const repository = host.repositories.find(name);
  if (repository === undefined || !repository.blobs.has(digest)) throw blobUnknown(digest);
  if (namedBlobs(repository).has(digest)) throw new RegistryError('DENIED', 'a manifest names this blob', { detail: { digest } });
  host.repositories.deleteBlob(repository, digest);
  host.content.sweep();
  return empty(202);
}

export function blobHeaders(digest: string): Headers {
  return { 'docker-content-digest': digest, etag: `"${digest}"` };
}

/** null: all of it, also for what is no range or several. */
function rangeOf(header: string, { size }: BlobLink): { readonly offset: number; readonly count: number } | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') return Number(last) === 0 || size === 0 ? 'unsatisfiable' : tail(Math.min(Number(last), size), size);
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < offset) return null;
  return offset >= size ? 'unsatisfiable' : { offset, count: end - offset + 1 };
}

function tail(count: number, size: number): { readonly offset: number; readonly count: number } {
  return { offset: size - count, count };
}
