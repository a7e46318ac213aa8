import type { HttpResponse } from '../../../protocol/http.ts';
import { nameUnknown } from './errors.ts';
import { readManifest, type ManifestFacts } from './manifest-document.ts';
import type { Call, RegistryHost } from './registry-host.ts';
import type { ManifestRecord } from './repositories.ts';
import { json, nextLink, page } from './respond.ts';

/** @throws RegistryError NAME_UNKNOWN, PAGINATION_NUMBER_INVALID */
export function listTags({ host, query }: Call, name: string): HttpResponse {
  const repository = host.repository(name);
  if (repository.manifests.size === 0) throw nameUnknown(name);
  const { names, headers } = page([...repository.tags.keys()].sort(), query, `/v2/${name}/tags/list`);
  return json({ name, tags: names }, headers);
}

/** Repositories that have a manifest. @throws RegistryError PAGINATION_NUMBER_INVALID */
export function listRepositories({ host, query }: Call): HttpResponse {
  const all = host.repositories.all().flatMap(({ name, manifests }) => (manifests.size === 0 ? [] : [name]));
  const { names, headers } = page(all.sort(), query, '/v2/_catalog');
  return json({ repositories: names }, headers);
}

/** Bytes of one answer, as the distribution-spec bounds manifests; what is left comes by the link. */
const largestAnswer = 4 * 1024 * 1024;

/** Manifests whose subject is a digest; none is no error (distribution-spec, "Listing Referrers"). */
export async function listReferrers(
  { host, query }: Call,
  { name, digest }: { readonly name: string; readonly digest: string },
): Promise<HttpResponse> {
  const wanted = query.get('artifactType');
  const last = query.get('last') ?? '';
  const found = [...(host.repositories.find(name)?.manifests ?? [])]
    .filter(([of, { subject }]) => subject === digest && of > last)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const manifests: unknown[] = [];
  const headers: Record<string, string> = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
  if (wanted !== null) headers['oci-filters-applied'] = 'artifactType';
  let [bytes, before] = [0, ''];
  for (const [of, record] of found) {
    bytes += record.size;
    if (bytes > largestAnswer && before !== '') {
      headers['link'] = nextLink(`/v2/${name}/referrers/${digest}`, {
        last: before,
        ...(wanted === null ? {} : { artifactType: wanted }),
      });
      break;
    }
    const { artifactType, annotations } = await factsOf(host, of, record);
    before = of;
    if (wanted === null || wanted === artifactType)
      manifests.push({ mediaType: record.mediaType, digest: of, size: record.size, artifactType, annotations });
  }
  return json({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }, headers);
}

async function factsOf(host: RegistryHost, digest: string, { mediaType }: ManifestRecord): Promise<ManifestFacts> {
  return readManifest(await host.content.read(digest), mediaType);
}
