/** The images that come with the playground: an OCI image layout (image-spec, image-layout.md) behind a function that fetches files of it. */
import { readAll, type ByteSource } from '../../base/streams.ts';
import { familiarName, familiarString, fullName, fullString, parseReference, type Reference } from '../../grammar/reference.ts';
import { indexSchema, parseDocument, type Descriptor } from './oci.ts';
import { manifestUnknown, pullDenied, type Registry } from './registry.ts';

/** @param path relative to the layout: "index.json", "blobs/sha256/…" */
export type FetchBlob = (path: string, signal?: AbortSignal) => Promise<ByteSource>;

const nameAnnotation = 'org.opencontainers.image.ref.name';
const indexLimit = 4 * 1024 * 1024;

interface Entry {
  readonly reference: Reference;
  readonly descriptor: Descriptor;
}

/** The layout's index is read at the first pull, and again if that failed. */
export function bundledRegistry(fetchBlob: FetchBlob): Registry {
  let reading: Promise<readonly Entry[]> | null = null;
  const entries = (): Promise<readonly Entry[]> => {
    reading ??= readIndex(fetchBlob).catch((thrown: unknown) => {
      reading = null;
      throw thrown;
    });
    return reading;
  };
  const repository = async (reference: Reference): Promise<readonly Entry[]> => {
    const all = await entries();
    const found = all.filter((entry) => fullName(entry.reference) === fullName(reference));
    if (found.length === 0) throw pullDenied(reference, hint(all));
    return found;
  };

  return {
    async resolve(reference) {
      const found = await repository(reference);
      const matching = found.filter((entry) =>
        reference.digest === null ? entry.reference.tag === reference.tag : entry.descriptor.digest === reference.digest,
      );
      if (matching.length === 0) throw manifestUnknown(reference, otherTags(found, reference));
      return matching.map((entry) => entry.descriptor);
    },
    async tags(reference) {
      const tags = (await repository(reference)).map((entry) => entry.reference.tag ?? 'latest');
      return [...new Set(tags)];
    },
    async list() {
      const all = await entries();
      const chosen = new Map<string, Reference>();
      for (const { reference } of all) {
        const name = fullName(reference);
        if (reference.tag === 'latest' || !chosen.has(name)) chosen.set(name, reference);
      }
      return [...chosen.values()].map((reference) => ({
        reference,
        descriptors: all.flatMap((entry) => (fullString(entry.reference) === fullString(reference) ? [entry.descriptor] : [])),
      }));
    },
    fetch: (_, descriptor, signal) => fetchBlob(`blobs/${descriptor.digest.replace(':', '/')}`, signal),
  };
}

async function readIndex(fetchBlob: FetchBlob): Promise<readonly Entry[]> {
  const bytes = await readAll(await fetchBlob('index.json'), indexLimit);
  const { manifests } = parseDocument(indexSchema, bytes, 'index.json');
  return manifests.flatMap((descriptor) => {
    const name = descriptor.annotations?.[nameAnnotation];
    return name === undefined ? [] : [{ reference: parseReference(name), descriptor }];
  });
}

/** What a person who typed a name that is not here can do about it. */
function hint(entries: readonly Entry[]): string {
  const names = new Set(entries.map(({ reference }) => (reference.tag === 'latest' ? familiarName(reference) : familiarString(reference))));
  return `. This playground cannot reach Docker Hub; it ships these images: ${[...names].sort().join(', ')}`;
}

/** What there is of a repository whose tag is not here, and the way to the name that was typed. */
function otherTags(found: readonly Entry[], { tag }: Reference): string {
  const names = [...new Set(found.map(({ reference }) => familiarString(reference)))].sort();
  const listed = names.length === 1 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  const typed = tag === null ? '' : `; pull ${names.length === 1 ? 'it' : 'one of them'}, and docker tag gives it the tag ${tag}`;
  return `. This playground has ${listed}${typed}`;
}
