import { z } from 'zod';
import { toAppError } from '../../../base/errors.ts';
import { descriptorSchema, parseDocument, type Descriptor } from '../oci.ts';
import { RegistryError } from './errors.ts';
import type { ManifestRecord, Repository } from './repositories.ts';

/** Bytes, as distribution/distribution has it. */
export const largestManifest = 4 * 1024 * 1024;
/** Descriptors in one manifest. */
const mostReferences = 1000;

const manifestTypes: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];
const indexTypes: readonly string[] = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
];

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().max(255).optional(),
  subject: descriptorSchema.optional(),
  artifactType: z.string().max(255).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
};
const manifestSchema = z.object({
  ...common,
  config: descriptorSchema,
  layers: z
    .array(descriptorSchema.extend({ urls: z.array(z.string()).optional() }))
    .max(mostReferences)
    .default([]),
});
const indexSchema = z.object({ ...common, manifests: z.array(descriptorSchema).max(mostReferences).default([]) });

/** What a manifest says of itself to who asks what refers to another one. */
export interface ManifestFacts {
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface ManifestDocument extends ManifestFacts {
  readonly record: ManifestRecord;
  /** What has to be there before it. */
  readonly needs: { readonly blobs: readonly Descriptor[]; readonly manifests: readonly Descriptor[] };
}

/** @param contentType as sent; '': what the document says @throws RegistryError MANIFEST_INVALID */
export function readManifest(bytes: Uint8Array, contentType: string): ManifestDocument {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (manifestTypes.includes(mediaType)) return ofManifest(bytes, mediaType);
  if (indexTypes.includes(mediaType)) return ofIndex(bytes, mediaType);
  throw invalid(`media type "${mediaType.slice(0, 255)}" is not one of ${[...manifestTypes, ...indexTypes].join(', ')}`);
}

function ofManifest(bytes: Uint8Array, mediaType: string): ManifestDocument {
  const document = parse(manifestSchema, bytes);
  checkMediaType(document.mediaType, mediaType);
  // A layer with addresses of its own may be kept there alone (image-spec, "Non-Distributable Layers").
  const layers = document.layers.filter(({ urls = [] }) => urls.length === 0);
  const blobs = [document.config, ...layers];
  const { subject, artifactType, annotations, config } = document;
  return {
    record: {
      mediaType,
      size: bytes.length,
      blobs: [...new Set(blobs.map(({ digest }) => digest))],
      manifests: [],
      subject: subject?.digest ?? null,
    },
    needs: { blobs, manifests: [] },
    artifactType: artifactType === undefined || artifactType === '' ? config.mediaType : artifactType,
    annotations,
  };
}

function ofIndex(bytes: Uint8Array, mediaType: string): ManifestDocument {
  const document = parse(indexSchema, bytes);
  checkMediaType(document.mediaType, mediaType);
  const { manifests, subject, artifactType, annotations } = document;
  return {
    record: {
      mediaType,
      size: bytes.length,
      blobs: [],
      manifests: [...new Set(manifests.map(({ digest }) => digest))],
      subject: subject?.digest ?? null,
    },
    needs: { blobs: [], manifests },
    artifactType,
    annotations,
  };
}

/** Everything that it is made of is in the repository, in the size it says. @throws RegistryError MANIFEST_BLOB_UNKNOWN, MANIFEST_INVALID */
export function checkNeeds({ needs }: ManifestDocument, repository: Repository | undefined): void {
  for (const [descriptors, there] of [
    [needs.blobs, repository?.blobs],
    [needs.manifests, repository?.manifests],
  ] as const)
    for (const { digest, size } of descriptors) {
      const found = there?.get(digest);
      if (found === undefined)
        throw new RegistryError('MANIFEST_BLOB_UNKNOWN', 'manifest blob unknown to registry', { detail: { digest } });
      if (found.size !== size) throw invalid(`${digest} has ${found.size} bytes, not ${size}`);
    }
}

function parse<T extends z.ZodType>(schema: T, bytes: Uint8Array): z.output<T> {
  try {
    return parseDocument(schema, bytes, 'manifest');
  } catch (thrown) {
    throw invalid(toAppError(thrown).message);
  }
}

function checkMediaType(inside: string | undefined, sent: string): void {
  if (inside !== undefined && inside.toLowerCase() !== sent)
    throw invalid(`the manifest says that it is "${inside}", and was sent as "${sent}"`);
}

function invalid(message: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', message);
}
