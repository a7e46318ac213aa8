import { AppError } from '../../../base/errors.ts';
import { isDigest, isRepositoryPath } from '../../../grammar/reference.ts';
import type { HttpResponse } from '../../../protocol/http.ts';
import { blobHeaders } from './blobs.ts';
import { RegistryError } from './errors.ts';
import type { Call } from './registry-host.ts';
import { empty, type Headers } from './respond.ts';
import { checkDigest } from './target.ts';
import type { Upload } from './uploads.ts';

/** POST: an upload is opened, or comes with all of its bytes (`digest`), or the blob is one of another repository (`mount`). */
export async function startUpload(call: Call, name: string): Promise<HttpResponse> {
  const { host, query } = call;
  host.tidy();
  const mounted = mountBlob(call, name);
  if (mounted !== null) return mounted;
  const digest = query.get('digest');
  if (digest !== null) checkDigest(digest);
  const upload = await host.uploads.start(name);
  if (digest === null) return accepted(upload, 202);
  try {
    return await finishUpload(call, upload, digest);
  } finally {
    // Where it failed: nobody knows its name, so that nobody can go on.
    await host.uploads.discard(upload);
  }
}

/** null: it is not there, and has to be sent. */
function mountBlob({ host, query }: Call, name: string): HttpResponse | null {
  const [digest, from] = [query.get('mount') ?? '', query.get('from') ?? ''];
  if (!isDigest(digest) || !isRepositoryPath(from)) return null;
  const link = host.repositories.find(from)?.blobs.get(digest);
  if (link === undefined) return null;
  host.repositories.linkBlob(name, digest, { size: link.size, seen: host.clock.now() });
  return created(name, digest);
}

export function uploadStatus({ host }: Call, { name, id }: { readonly name: string; readonly id: string }): HttpResponse {
  return accepted(host.uploads.find(name, id), 204);
}

/** PATCH: the next bytes. */
export async function addToUpload(call: Call, { name, id }: { readonly name: string; readonly id: string }): Promise<HttpResponse> {
  const upload = call.host.uploads.find(name, id);
  await receive(call, upload);
  return accepted(upload, 202);
}

/** PUT: the last bytes, if any are left, and the digest of all. */
export async function closeUpload(call: Call, { name, id }: { readonly name: string; readonly id: string }): Promise<HttpResponse> {
  const upload = call.host.uploads.find(name, id);
  return finishUpload(call, upload, checkDigest(call.query.get('digest') ?? ''));
}

export async function cancelUpload({ host }: Call, { name, id }: { readonly name: string; readonly id: string }): Promise<HttpResponse> {
  await host.uploads.discard(host.uploads.find(name, id));
  return empty(204);
}

async function finishUpload(call: Call, upload: Upload, digest: string): Promise<HttpResponse> {
  const { host } = call;
  await receive(call, upload);
  const taken = await host.uploads.finish(upload, digest);
  try {
    host.repositories.linkBlob(upload.repository, digest, { size: taken.size, seen: host.clock.now() });
  } finally {
    taken.dispose();
  }
  return created(upload.repository, digest);
}

async function receive({ host, request }: Call, upload: Upload): Promise<void> {
  checkRange(request.headers['content-range'], upload);
  try {
    await host.uploads.receive(upload, request.body, request.signal);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.kind === 'exhausted') throw thrown;
    throw new RegistryError('BLOB_UPLOAD_INVALID', `the upload broke off: ${thrown.message}`);
  }
}

/** "0-1023", as the distribution API has it, without a unit. @throws RegistryError BLOB_UPLOAD_INVALID with what there is, for who goes on */
function checkRange(header: string | undefined, upload: Upload): void {
  if (header === undefined) return;
  const [, start = ''] = /^(?:bytes[ =])?(\d{1,15})-\d{1,15}(?:\/[\d*]{1,15})?$/.exec(header.trim()) ?? [];
  if (start !== '' && Number(start) === upload.size) return;
  throw new RegistryError('BLOB_UPLOAD_INVALID', `the upload has ${upload.size} bytes so far`, {
    status: 416,
    headers: progressHeaders(upload),
  });
}

function accepted(upload: Upload, status: number): HttpResponse {
  return empty(status, progressHeaders(upload));
}

/** Nothing and one byte are the same "0-0", as with distribution/distribution. */
function progressHeaders({ repository, id, size }: Upload): Headers {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
    'oci-chunk-min-length': '1',
  };
}

function created(name: string, digest: string): HttpResponse {
  return empty(201, { location: `/v2/${name}/blobs/${digest}`, ...blobHeaders(digest) });
}
