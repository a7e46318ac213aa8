import { utf8 } from '../../base/bytes.ts';
import { DisposableStore } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { sourceOf, type ByteSource } from '../../base/streams.ts';
import type { TarHeader } from '../../base/tar/entry.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { familiarName, familiarString, fullName, fullString, isDigest, parseReference, type Reference } from '../../grammar/reference.ts';
import { configSchema, manifestSchema, parseDocument, type Descriptor, type Manifest } from '../registry/oci.ts';
import { digestOf } from '../content/verified.ts';
import { writeManifest } from './add-image.ts';
import { keepLayers, logImageEvent, type ImagesContext } from './context.ts';
import { openBlob } from './directory-layers.ts';
import { isOf } from './load/manifests.ts';
import { createdSeconds } from './list.ts';
import { parsePlatform, platformText } from './platform.ts';
import type { ImageRecord } from './records.ts';
import type { PackedLayer } from './unpack.ts';

/** An image as it goes into the archive. */
interface Saved {
  readonly image: Pick<ImageRecord, 'id' | 'config' | 'parent'>;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly names: Reference[];
}

/**
 * GET /images/get: images as Docker 28 saves them, an OCI layout with Docker's manifest.json (image/tarexport/save.go). Manifests, configs and layers are the
 * bytes that came, under the digests that they had. The archive is made as it is read; meanwhile nothing of it is deleted.
 * @param platform '' = whatever the images are of
 * @throws AppError not_found, invalid
 */
export async function saveImages(context: ImagesContext, names: readonly string[], platform: string): Promise<ByteSource> {
  const wanted = platform === '' ? null : parsePlatform(platform, context.platform);
  const images = new Map<string, Saved & { readonly image: ImageRecord }>();
  for (const name of names)
    for (const { image, reference } of namedBy(context, name)) {
      if (!isOf(wanted, image.config))
        throw new AppError('not_found', `no suitable export target found for platform ${platformText(wanted ?? context.platform)}`);
      const saved = images.get(image.id) ?? (await savedOf(context, image));
      images.set(image.id, saved);
      if (reference !== null && !saved.names.some((each) => fullString(each) === fullString(reference))) saved.names.push(reference);
    }
  const all = [...images.values()];
  const held = new DisposableStore();
  held.add(
    context.content.hold(
      all.flatMap(({ descriptor, manifest: { config, layers } }) => [descriptor, config, ...layers].map(({ digest }) => digest)),
    ),
  );
  held.add(
    keepLayers(
      context,
      all.flatMap(({ image }) => image.config.rootfs.diff_ids),
    ),
  );
  for (const { image } of all) logImageEvent(context.log, 'save', { actor: image.id, name: image.id, image });
  return withEnd(tarOf(entriesOf(context, all, 'docker')), () => held.dispose());
}

export interface ArchivedImage {
  readonly config: Uint8Array;
  readonly layers: readonly PackedLayer[];
  readonly names: readonly Reference[];
  /** `oci` without what only Docker reads. */
  readonly format: 'docker' | 'oci';
}

/** An image that is in no list. Its layers and documents stay until the archive was read, or is cancelled. */
export async function archiveImage(
  context: ImagesContext,
  { config: bytes, layers, names, format }: ArchivedImage,
): Promise<{ readonly id: string; readonly source: ByteSource }> {
  const id = digestOf(bytes);
  const config = parseDocument(configSchema, bytes, 'image config');
  const written = writeManifest({ config: bytes, layers }, id);
  const { descriptor } = written;
  const held = new DisposableStore();
  held.add(context.content.hold([id, descriptor.digest, ...layers.map((layer) => layer.descriptor.digest)]));
  held.add(keepLayers(context, config.rootfs.diff_ids));
  try {
    await context.content.add(id, bytes);
    await context.content.add(descriptor.digest, written.bytes);
    const manifest = parseDocument(manifestSchema, written.bytes, 'manifest');
    const saved = { image: { id, config, parent: '' }, descriptor, manifest, names: [...names] };
    return { id, source: withEnd(tarOf(entriesOf(context, [saved], format)), () => held.dispose()) };
  } catch (thrown) {
    held.dispose();
    throw thrown;
  }
}

/** moby tells a name that has a tag from one that has none (image/tarexport/save.go, parseNames). */
function findSaved(records: ImagesContext['records'], name: string): ReturnType<ImagesContext['records']['find']> {
  try {
    return records.find(name);
  } catch (thrown) {
    if (toAppError(thrown).kind !== 'not_found') throw thrown;
    const isWhole = !isDigest(name) && parseReference(name).tag === null && parseReference(name).digest === null;
    throw new AppError('not_found', isWhole || isDigest(name) ? `No such image: ${name}` : 'reference does not exist', { cause: thrown });
  }
}

/** A name without a tag stands for all tags of its repository. */
function namedBy(
  { records }: ImagesContext,
  name: string,
): readonly { readonly image: ImageRecord; readonly reference: Reference | null }[] {
  const { image, byId } = findSaved(records, name);
  if (byId) return [{ image, reference: null }];
  const reference = parseReference(name);
  if (reference.digest !== null) return [{ image, reference: null }];
  if (reference.tag !== null) return [{ image, reference }];
  return records
    .all()
    .flatMap((each) =>
      records
        .namesOf(each.id)
        .flatMap((known) => (known.digest === null && fullName(known) === fullName(reference) ? [{ image: each, reference: known }] : [])),
    );
}

/** @throws AppError internal for one without a manifest */
export async function savedOf({ content }: ImagesContext, image: ImageRecord): Promise<Saved & { readonly image: ImageRecord }> {
  const [descriptor] = image.manifests.values();
  if (descriptor === undefined) throw new AppError('internal', `image ${image.id} has no manifest`);
  const manifest = parseDocument(manifestSchema, await content.read(descriptor.digest), 'manifest');
  return { image, descriptor, manifest, names: [] };
}

const plain = { uid: 0, gid: 0, link: '', major: 0, minor: 0, xattrs: new Map<string, Uint8Array>(), size: 0 };

function folder(path: string, mtime: number): TarInput {
  return { header: { ...plain, path, type: 'directory', mode: 0o755, mtime } };
}

function file(path: string, size: number, mtime: number): TarHeader {
  return { ...plain, path, type: 'file', mode: 0o644, size, mtime };
}

function blobPath({ digest }: Pick<Descriptor, 'digest'>): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function* entriesOf(context: ImagesContext, all: readonly Saved[], format: 'docker' | 'oci'): AsyncGenerator<TarInput, void> {
  const blobs = new Map<string, { readonly descriptor: Descriptor; readonly mtime: number }>();
  for (const { image, descriptor, manifest } of all) {
    const mtime = createdSeconds(image.config.created);
    for (const each of [descriptor, manifest.config, ...manifest.layers]) blobs.set(blobPath(each), { descriptor: each, mtime });
  }
  const newest = Math.max(0, ...[...blobs.values()].map(({ mtime }) => mtime));
  if (blobs.size > 0) yield folder('blobs/', newest);
  if (blobs.size > 0) yield folder('blobs/sha256/', newest);
  for (const [path, { descriptor, mtime }] of [...blobs].sort(([one], [other]) => (one < other ? -1 : 1)))
    yield { header: file(path, descriptor.size, mtime), contents: await openBlob(context, descriptor) };
  yield document('index.json', { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: all.flatMap(indexed) });
  if (format === 'docker') yield document('manifest.json', all.map(manifestItem));
  yield document('oci-layout', { imageLayoutVersion: '1.0.0' });
  if (format === 'oci') return;
  const repositories = repositoriesOf(all);
  if (Object.keys(repositories).length > 0) yield document('repositories', repositories);
}

function document(path: string, value: unknown): TarInput {
  const bytes = utf8(JSON.stringify(value));
  return { header: file(path, bytes.length, 0), contents: sourceOf(bytes) };
}

/** In the index an image stands once for each of its names. */
function indexed({ descriptor: { mediaType, digest, size }, names }: Saved): readonly object[] {
  const bare = { mediaType, digest, size };
  if (names.length === 0) return [bare];
  return names.map((name) => ({
    ...bare,
    annotations: { 'io.containerd.image.name': fullString(name), 'org.opencontainers.image.ref.name': name.tag ?? '' },
  }));
}

function manifestItem({ image, manifest, names }: Saved): object {
  const { diff_ids: diffIds } = image.config.rootfs;
  return {
    Config: blobPath(manifest.config),
    RepoTags: names.length === 0 ? null : names.map(familiarString),
    Layers: manifest.layers.map(blobPath),
    ...(image.parent === '' ? {} : { Parent: image.parent }),
    LayerSources: Object.fromEntries(
      manifest.layers.map(({ mediaType, size, digest }, index) => [diffIds[index] ?? digest, { mediaType, size, digest }]),
    ),
  };
}

/** The oldest form: for each repository its tags, each with the topmost layer. */
function repositoriesOf(all: readonly Saved[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const found = new Map<string, Map<string, string>>();
  for (const { manifest, names } of all)
    for (const name of names) {
      const tags = found.get(familiarName(name)) ?? new Map<string, string>();
      found.set(familiarName(name), tags.set(name.tag ?? '', (manifest.layers.at(-1)?.digest ?? '').replace('sha256:', '')));
    }
  return Object.fromEntries([...found].map(([name, tags]) => [name, Object.fromEntries(tags)]));
}

/** A source that tells once that nobody reads it any more. */
function withEnd(source: ByteSource, end: () => void): ByteSource {
  return {
    async read() {
      try {
        const chunk = await source.read();
        if (chunk === null) end();
        return chunk;
      } catch (thrown) {
        end();
        throw thrown;
      }
    },
    cancel(reason) {
      source.cancel(reason);
      end();
    },
  };
}
