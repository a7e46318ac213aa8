/** What an archive says about its images: Docker's manifest.json, or an OCI layout's index. */
import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { fromUtf8 } from '../../../base/bytes.ts';
import type { Random } from '../../random.ts';
import { indexSchema, isIndex, manifestSchema, parseDocument, type Descriptor, type Manifest, type Platform } from '../../registry/oci.ts';
import type { Spool } from './spool.ts';

/** moby's tarexport.manifestItem; fields that are null are left out ones, as in Go. */
const itemSchema = z.object({
  Config: z.string().nullish(),
  RepoTags: z.array(z.string()).nullish(),
  Layers: z.array(z.string()).nullish(),
  Parent: z.string().nullish(),
});
export type ManifestItem = z.output<typeof itemSchema>;

/** An OCI manifest of an archive with all that it names. */
export interface OciImage {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** @returns undefined: the archive has no manifest.json @throws AppError invalid in Docker's words */
export async function dockerManifest(spool: Spool): Promise<readonly ManifestItem[] | undefined> {
  const bytes = await spool.document('manifest.json');
  if (bytes === undefined) return undefined;
  const parsed = z.array(itemSchema).nullable().safeParse(json(bytes));
  if (!parsed.success) throw new AppError('invalid', 'json: cannot unmarshal manifest.json into Go value of type []tarexport.manifestItem');
  if (parsed.data === null) throw new AppError('invalid', 'invalid manifest, manifest cannot be null (but can be [])');
  return parsed.data;
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (thrown) {
    throw new AppError('invalid', 'unexpected EOF', { cause: thrown });
  }
}

/** Indexes in indexes, of hostile archives. */
const deepest = 4;
const mostManifests = 4096;

/**
 * The manifests of a layout that are whole: with their config and all layers. An index stands for the first of its manifests that is.
 * @returns undefined: there is no layout
 * @throws AppError invalid for documents that are none
 */
export async function layoutImages(spool: Spool): Promise<readonly OciImage[] | undefined> {
  const bytes = await spool.document('index.json');
  if (bytes === undefined) return undefined;
  const { manifests } = parseDocument(indexSchema, nullsOut(bytes), 'index.json');
  const found: OciImage[] = [];
  let left = mostManifests;
  const walk = async (descriptor: Descriptor, depth: number): Promise<boolean> => {
    left -= 1;
    if (left < 0 || depth > deepest) throw new AppError('exhausted', 'the archive has more manifests than this playground can hold');
    const document = await documentOf(spool, descriptor.digest);
    if (document === undefined) return false;
    if (isIndex(descriptor)) {
      const inner = parseDocument(indexSchema, document, 'index');
      for (const each of inner.manifests)
        if (await walk({ ...each, annotations: { ...descriptor.annotations, ...each.annotations } }, depth + 1)) return true;
      return false;
    }
    if (isAttestation(descriptor)) return false;
    const manifest = parseDocument(manifestSchema, document, 'manifest');
    if ([manifest.config, ...manifest.layers].some(({ digest }) => spool.byDigest(digest) === undefined)) return false;
    found.push({ descriptor, bytes: document, manifest });
    return true;
  };
  for (const descriptor of manifests) await walk(descriptor, 0);
  return found;
}

/** What BuildKit puts beside an image: of the platform "unknown/unknown". */
function isAttestation({ platform }: Descriptor): boolean {
  return platform?.os === 'unknown';
}

/** Go writes an empty list as null. */
function nullsOut(bytes: Uint8Array): Uint8Array {
  const text = fromUtf8(bytes);
  return /"manifests"\s*:\s*null/.test(text) ? new TextEncoder().encode(text.replace(/"manifests"\s*:\s*null/, '"manifests":[]')) : bytes;
}

function documentOf(spool: Spool, digest: string): Promise<Uint8Array | undefined> {
  const [algorithm = '', hex = ''] = digest.split(':');
  // Only what its name says: a file of other contents is another blob.
  const path = `blobs/${algorithm}/${hex}`;
  return spool.find(path)?.digest === digest ? spool.document(path) : Promise.resolve(undefined);
}

/** The name that a layout gives to an image: containerd's in full, or what skopeo was told. */
export function layoutName({ annotations }: Descriptor): string | null {
  const full = annotations?.['io.containerd.image.name'];
  if (full !== undefined && full !== '') return full;
  const given = annotations?.['org.opencontainers.image.ref.name'];
  // A bare tag names nothing.
  return given !== undefined && /[/:]/.test(given) ? given : null;
}

/** In the words of a Docker that looked for the oldest form last (image/tarexport/load.go, legacyLoad). */
export function noSuchFile(random: Random, path: string): AppError {
  const digits = [...random(4)].reduce((sum, byte) => sum * 256 + byte, 0);
  return new AppError('invalid', `open /var/lib/docker/tmp/docker-import-${digits}/${path}: no such file or directory`);
}

/** Whether an image is of a platform that somebody asked for. */
export function isOf(wanted: Platform | null, { os, architecture, variant }: Platform): boolean {
  return (
    wanted === null ||
    (wanted.os === os && wanted.architecture === architecture && (wanted.variant === undefined || wanted.variant === variant))
  );
}
