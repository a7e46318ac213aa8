import { AppError } from '../../../base/errors.ts';
import { readAll, untilAborted } from '../../../base/streams.ts';
import { isTag } from '../../../grammar/reference.ts';
import type { HttpResponse } from '../../../protocol/http.ts';
import { digestOf } from '../../content/verified.ts';
import { blobHeaders } from './blobs.ts';
import { RegistryError } from './errors.ts';
import { checkNeeds, largestManifest, readManifest } from './manifest-document.ts';
import type { Call, RegistryHost } from './registry-host.ts';
import type { ManifestRecord, Repository } from './repositories.ts';
import { empty } from './respond.ts';
import { checkDigest } from './target.ts';

interface ManifestTarget {
  readonly name: string;
  /** A tag or a digest. */
  readonly reference: string;
}

interface Found {
  readonly repository: Repository;
  readonly digest: string;
  readonly manifest: ManifestRecord;
}

/** GET and HEAD. @throws RegistryError MANIFEST_UNKNOWN */
export async function getManifest({ host, request }: Call, target: ManifestTarget): Promise<HttpResponse> {
  const { digest, manifest } = find(host, target);
  const headers = { ...blobHeaders(digest), 'content-type': manifest.mediaType, 'content-length': String(manifest.size) };
  if (request.method === 'HEAD') return empty(200, headers);
  return { status: 200, headers, body: await host.content.read(digest) };
}

/** @throws RegistryError MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN, DIGEST_INVALID, TAG_INVALID, SIZE_INVALID */
export async function putManifest({ host, request }: Call, { name, reference }: ManifestTarget): Promise<HttpResponse> {
  host.tidy();
  const tag = tagOf(reference);
  const bytes = await receive(request);
  const digest = digestOf(bytes);
  if (tag === null && digest !== reference)
    throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', { detail: { digest } });
  const document = readManifest(bytes, request.headers['content-type'] ?? '');
  checkNeeds(document, host.repositories.find(name));
  const held = host.content.hold([digest]);
  try {
    await host.content.add(digest, bytes);
    // Something of it may have been deleted meanwhile.
    checkNeeds(document, host.repositories.find(name));
    host.repositories.putManifest(name, digest, { manifest: document.record, tag });
  } finally {
    held.dispose();
  }
  const { subject } = document.record;
  return empty(201, {
    location: `/v2/${name}/manifests/${digest}`,
    ...blobHeaders(digest),
    ...(subject === null ? {} : { 'oci-subject': subject }),
  });
}

/** A tag alone, or by digest the manifest with all of its tags. @throws RegistryError MANIFEST_UNKNOWN */
export function deleteManifest({ host }: Call, target: ManifestTarget): HttpResponse {
  const { repository, digest } = find(host, target);
  if (tagOf(target.reference) === null) host.repositories.deleteManifest(repository, digest);
  else repository.tags.delete(target.reference);
  host.content.sweep();
  return empty(202);
}

function find(host: RegistryHost, { name, reference }: ManifestTarget): Found {
  const tag = tagOf(reference);
  const repository = host.repositories.find(name);
  const digest = tag === null ? reference : repository?.tags.get(tag);
  const manifest = digest === undefined ? undefined : repository?.manifests.get(digest);
  if (repository === undefined || digest === undefined || manifest === undefined)
    throw new RegistryError('MANIFEST_UNKNOWN', 'manifest unknown', { detail: { name, reference } });
  return { repository, digest, manifest };
}

/** null: it is a digest. @throws RegistryError TAG_INVALID, DIGEST_INVALID */
function tagOf(reference: string): string | null {
  if (reference.includes(':')) {
    checkDigest(reference);
    return null;
  }
  if (isTag(reference)) return reference;
  throw new RegistryError('TAG_INVALID', 'invalid tag', { status: 400, detail: { tag: reference.slice(0, 255) } });
}

async function receive({ body, signal }: Call['request']): Promise<Uint8Array> {
  try {
    return await readAll(untilAborted(body, signal), largestManifest);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'exhausted')
      throw new RegistryError('SIZE_INVALID', `a manifest has at most ${largestManifest} bytes`, { status: 413 });
    throw thrown;
  }
}
