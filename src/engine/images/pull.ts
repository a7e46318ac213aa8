import { DisposableStore } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import type { JsonMessage } from '../../protocol/engine-api.ts';
import {
  configSchema,
  indexSchema,
  isIndex,
  manifestSchema,
  parseDocument,
  type Descriptor,
  type Manifest,
  type OciConfig,
  type Platform,
} from '../registry/oci.ts';
import type { RegistryAuth } from '../registry/hosts.ts';
import type { Registry } from '../registry/registry.ts';
import type { Source } from '../source.ts';
import { logImageEvent, sweepLayers, whileRunning, type ImagesContext } from './context.ts';
import { choosePlatform, parsePlatform, platformText } from './platform.ts';
import { layerMessage, MessageQueue } from './progress.ts';
import {
  familiarName,
  familiarString,
  fullString,
  isDigest,
  parseDigest,
  parseReference,
  withDefaultTag,
  withTag,
  type Reference,
} from '../../grammar/reference.ts';

export interface PullOptions {
  readonly image: string;
  /** A tag, a digest, or '' for what `image` says; a bare name means every tag. */
  readonly tag: string;
  /** "linux/386"; '' is the guest's own. */
  readonly platform: string;
  /** Who asks; nobody in particular unless given. */
  readonly auth?: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

/**
 * Pulls and tells how it goes in the messages of docker's progress stream. Stops when the signal is aborted or the source cancelled and
 * nobody else pulls the same layers.
 * @throws AppError invalid for a bad reference; not_found for an unknown repository, tag or platform of a single-platform name
 */
export async function pullImage(context: ImagesContext, options: PullOptions): Promise<Source<JsonMessage>> {
  const platform = parsePlatform(options.platform, context.platform);
  const reference = pullReference(options.image, options.tag);
  const registry = context.registryFor(options.auth ?? {});
  const targets = await resolveTargets(registry, reference, options.signal);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  const queue = new MessageQueue(stop);
  void whileRunning(context, 'pull', controller.signal, (signal) =>
    pullAll({ context, registry, platform, signal, say: (message) => queue.push(message) }, reference, targets),
  )
    .catch((thrown: unknown) => {
      const { message } = toAppError(thrown);
      queue.push({ errorDetail: { message }, error: message });
    })
    .finally(() => {
      options.signal.removeEventListener('abort', stop);
      queue.end();
    });
  return queue;
}

/** Moby: postImagesCreate. The "tag" may be a digest; a trailing colon is what old clients send for "all tags". */
function pullReference(image: string, tag: string): Reference {
  const reference = parseReference(image.replace(/:$/, ''));
  if (tag === '') return reference;
  if (isDigest(tag)) return { ...reference, tag: null, digest: parseDigest(tag) };
  return withTag({ ...reference, digest: null }, tag);
}

interface Target {
  readonly reference: Reference;
  readonly candidates: readonly Descriptor[];
}

async function resolveTargets(registry: Registry, reference: Reference, signal: AbortSignal): Promise<readonly Target[]> {
  const isBare = reference.tag === null && reference.digest === null;
  const wanted = isBare ? (await registry.tags(reference, signal)).map((tag) => withTag(reference, tag)) : [reference];
  return Promise.all(wanted.map(async (each) => ({ reference: each, candidates: await registry.resolve(each, signal) })));
}

interface PullJob {
  readonly context: ImagesContext;
  readonly registry: Registry;
  readonly platform: Platform;
  readonly signal: AbortSignal;
  readonly say: (message: JsonMessage) => void;
}

async function pullAll(job: PullJob, requested: Reference, targets: readonly Target[]): Promise<void> {
  let newer = false;
  for (const target of targets) newer = (await pullOne(job, target)) || newer;
  const name = familiarString(requested);
  job.say({ status: newer ? `Status: Downloaded newer image for ${name}` : `Status: Image is up to date for ${name}` });
}

/** @returns whether the name stands for another image than before */
async function pullOne(job: PullJob, { reference, candidates }: Target): Promise<boolean> {
  const { context, say } = job;
  say({ status: `Pulling from ${reference.path}`, id: reference.tag ?? fullString(reference) });
  const descriptor = await manifestFor(job, reference, candidates);
  const held = new DisposableStore();
  held.add(context.content.hold([descriptor.digest]));
  try {
    const manifest = parseDocument(manifestSchema, await document(job, reference, descriptor), 'manifest');
    const id = manifest.config.digest;
    held.add(context.content.hold(manifest.layers.map(({ digest }) => digest)));
    // The image is here by another manifest, perhaps, whose blobs are others.
    if (context.records.get(id) !== undefined) await Promise.all(manifest.layers.map((layer) => pullBlob(job, reference, layer)));
    if (context.records.get(id) === undefined) await pullContents(job, reference, manifest);
    // From here on nothing waits: a pull is in the records or it is not, and a restore between the two discards it.
    job.signal.throwIfAborted();
    const record = context.records.get(id);
    record?.manifests.set(descriptor.digest, descriptor);
    for (const { digest } of manifest.layers) record?.blobs.add(digest);
    say({ status: `Digest: ${descriptor.digest}` });
    return nameImage(context, reference, { id, digest: descriptor.digest });
  } finally {
    held.dispose();
  }
}

async function manifestFor(job: PullJob, reference: Reference, candidates: readonly Descriptor[]): Promise<Descriptor> {
  const chosen = choosePlatform(candidates, job.platform);
  if (!isIndex(chosen)) return chosen;
  const held = job.context.content.hold([chosen.digest]);
  try {
    const index = parseDocument(indexSchema, await document(job, reference, chosen), 'index');
    return choosePlatform(index.manifests, job.platform);
  } finally {
    held.dispose();
  }
}

/** Kept as the bytes that came. The caller holds its digest. */
function document({ context, registry, signal }: PullJob, reference: Reference, descriptor: Descriptor): Promise<Uint8Array> {
  return context.content.document(descriptor, () => registry.fetch(reference, descriptor, signal), signal);
}

async function pullContents(job: PullJob, reference: Reference, manifest: Manifest): Promise<void> {
  const { context } = job;
  const held = context.content.hold([manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)]);
  let diffIds: readonly string[] = [];
  try {
    const config = parseDocument(configSchema, await document(job, reference, manifest.config), 'image config');
    checkConfig(config, manifest, job.platform);
    diffIds = config.rootfs.diff_ids;
    context.layers.pin(diffIds);
    await pullLayers(job, reference, { manifest, diffIds });
    job.signal.throwIfAborted();
    const size = diffIds.reduce((sum, diffId) => sum + (context.layers.get(diffId)?.size ?? 0), 0);
    context.records.add({ id: manifest.config.digest, config, parent: '', manifests: new Map(), blobs: new Set(), size, taggedAt: 0n });
  } finally {
    context.layers.unpin(diffIds);
    sweepLayers(context);
    held.dispose();
  }
}

function checkConfig(config: OciConfig, manifest: Manifest, platform: Platform): void {
  if (config.rootfs.diff_ids.length !== manifest.layers.length) throw new AppError('invalid', 'invalid rootfs in image configuration');
  if (config.os === platform.os && config.architecture === platform.architecture) return;
  throw new AppError(
    'not_found',
    `image was found but does not match the specified platform: wanted ${platformText(platform)}, actual: ${platformText(config)}`,
  );
}

async function pullLayers(
  job: PullJob,
  reference: Reference,
  image: { readonly manifest: Manifest; readonly diffIds: readonly string[] },
): Promise<void> {
  const { context, say } = job;
  let below: Promise<void> = Promise.resolve();
  const pulls: Promise<void>[] = [];
  for (const [index, descriptor] of image.manifest.layers.entries()) {
    const diffId = image.diffIds[index] ?? '';
    const id = descriptor.digest.slice('sha256:'.length, 'sha256:'.length + 12);
    if (context.layers.get(diffId) !== undefined) {
      say({ status: 'Already exists', progressDetail: {}, id });
      // Not to be unpacked, but a save or a push of this image is of this blob.
      pulls.push(pullBlob(job, reference, descriptor));
      continue;
    }
    say({ status: 'Pulling fs layer', progressDetail: {}, id });
    below = context.pulls.pull(
      { fetch: (signal) => job.registry.fetch(reference, descriptor, signal), descriptor, diffId, after: below },
      (progress) => say(layerMessage(id, progress)),
      job.signal,
    );
    pulls.push(below);
  }
  await allOrFirstFailure(pulls);
}

/** The blob of a layer that is unpacked already, from another one perhaps. The caller holds its digest. */
async function pullBlob({ context, registry, signal }: PullJob, reference: Reference, descriptor: Descriptor): Promise<void> {
  await context.content.put(descriptor, () => registry.fetch(reference, descriptor, signal), { signal });
}

/** Waits for every pull, so that none goes on behind a failure, then rejects with the first. */
async function allOrFirstFailure(pulls: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(pulls);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function nameImage(context: ImagesContext, reference: Reference, image: { readonly id: string; readonly digest: string }): boolean {
  const { records, clock, log } = context;
  const record = records.get(image.id) ?? null;
  const isNew = records.idOf(reference) !== image.id;
  const tagged: Reference = { ...reference, digest: null };
  if (reference.tag !== null) records.name(tagged, image.id);
  records.name({ ...reference, tag: null, digest: image.digest }, image.id);
  if (record !== null && isNew && reference.tag !== null) record.taggedAt = clock.now();
  logImageEvent(log, 'pull', { actor: familiarString(withDefaultTag(reference)), name: familiarName(reference), image: record });
  return isNew;
}
