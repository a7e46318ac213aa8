import { DisposableStore } from '../../base/disposable.ts';
import { AppError, cancelled, toAppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { familiarName, familiarString, fullName, parseReference, withTag, type Reference } from '../../grammar/reference.ts';
import type { PushMessage } from '../../protocol/engine-api.ts';
import { noCredentials, RegistryClient } from '../registry/client/client.ts';
import { Repository } from '../registry/client/repository.ts';
import type { Uploaded } from '../registry/client/upload.ts';
import type { RegistryAuth } from '../registry/hosts.ts';
import type { Descriptor } from '../registry/oci.ts';
import type { Source } from '../source.ts';
import { keepLayers, logImageEvent, whileRunning, type ImagesContext } from './context.ts';
import { openBlob } from './directory-layers.ts';
import { checkPlatform } from './platform.ts';
import { coarse, MessageQueue, progressMessage } from './progress.ts';
import type { ImageRecord } from './records.ts';
import { savedOf } from './save.ts';
import { Slots } from './slots.ts';

export interface PushOptions {
  /** With or without a tag. */
  readonly name: string;
  /** In place of the name's; '' with a name without one: all tags. */
  readonly tag: string;
  /** '' = whatever the image is of. */
  readonly platform: string;
  readonly auth: RegistryAuth;
  readonly signal: AbortSignal;
}

interface PushJob {
  readonly context: ImagesContext;
  readonly repository: Repository;
  readonly reference: Reference;
  readonly platform: string;
  readonly slots: Slots;
  readonly signal: AbortSignal;
  readonly say: (message: PushMessage) => void;
}

/** Docker's max-concurrent-uploads. */
const uploadsAtOnce = 5;

/**
 * Pushes a name, or all tags of a repository, and tells how it goes in the messages of docker's progress stream; what goes wrong on the way is the last of them.
 * @throws AppError invalid for a bad name; not_found where the image is of another platform
 */
export function pushImage(context: ImagesContext, options: PushOptions): Source<PushMessage> {
  const given = parseReference(options.name);
  const reference: Reference = options.tag === '' ? { ...given, digest: null } : withTag({ ...given, digest: null }, options.tag);
  const named = context.records.idOf(reference);
  const image = reference.tag === null || named === undefined ? undefined : context.records.get(named);
  if (image !== undefined) checkPlatform(options.platform, familiarString(reference), image.config);
  const controller = new AbortController();
  const stop = (): void => controller.abort(cancelled('the push'));
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  const queue = new MessageQueue<PushMessage>(stop);
  const client = new RegistryClient({ hosts: context.hosts, host: reference.domain, auth: options.auth, clock: context.clock });
  const repository = new Repository(client, reference.path);
  void whileRunning(context, 'push', controller.signal, (signal) =>
    push({
      context,
      repository,
      reference,
      platform: options.platform,
      slots: new Slots(uploadsAtOnce),
      signal,
      say: (message) => queue.push(message),
    }),
  )
    .catch((thrown: unknown) => {
      const message = pushWords(reference, thrown);
      queue.push({ errorDetail: { message }, error: message });
    })
    .finally(() => {
      options.signal.removeEventListener('abort', stop);
      queue.end();
    });
  return queue;
}

/** Docker's hub gives everybody a token, so that it denies where others ask who it is. */
function pushWords({ domain }: Reference, thrown: unknown): string {
  const { message, detail } = toAppError(thrown);
  if (detail['why'] !== noCredentials) return message;
  return domain === 'docker.io' ? 'denied: requested access to the resource is denied' : noCredentials;
}

async function push(job: PushJob): Promise<void> {
  const { context, reference, say } = job;
  say({ status: `The push refers to repository [${fullName(reference)}]` });
  const total = { layersPushed: 0, layersSkipped: 0 };
  let last: ImageRecord | null = null;
  const tags = tagsToPush(context, reference);
  await job.repository.client.connect(job.signal);
  for (const { tag, image } of tags) {
    const { pushed, skipped } = await pushTag(job, tag, image);
    total.layersPushed += pushed;
    total.layersSkipped += skipped;
    last = image;
  }
  logImageEvent(context.log, 'push', { actor: familiarString(reference), name: familiarName(reference), image: last, facts: total });
}

/** Moby: distribution/push.go, push_v2.go. @throws AppError not_found */
function tagsToPush({ records }: ImagesContext, reference: Reference): readonly { readonly tag: string; readonly image: ImageRecord }[] {
  const found = records
    .all()
    .flatMap((image) =>
      records
        .namesOf(image.id)
        .flatMap((name) => (fullName(name) === fullName(reference) && name.tag !== null ? [{ tag: name.tag, image }] : [])),
    );
  if (found.length === 0) throw new AppError('not_found', `An image does not exist locally with the tag: ${familiarName(reference)}`);
  const wanted = reference.tag === null ? found : found.filter(({ tag }) => tag === reference.tag);
  if (wanted.length === 0) throw new AppError('not_found', `tag does not exist: ${familiarString(reference)}`);
  return wanted.toSorted((one, other) => (one.tag < other.tag ? -1 : 1));
}

interface Layer {
  readonly diffId: string;
  readonly descriptor: Descriptor;
}

async function pushTag(job: PushJob, tag: string, image: ImageRecord): Promise<{ readonly pushed: number; readonly skipped: number }> {
  const { context, say, signal, repository } = job;
  checkPlatform(job.platform, familiarString({ ...job.reference, tag }), image.config);
  const { descriptor, manifest } = await savedOf(context, image);
  const diffIds = image.config.rootfs.diff_ids;
  const held = new DisposableStore();
  held.add(context.content.hold([descriptor, manifest.config, ...manifest.layers].map(({ digest }) => digest)));
  held.add(keepLayers(context, diffIds));
  try {
    // The topmost first, as moby does; one that stands twice is pushed once.
    const layers = new Map(
      manifest.layers.map((layer, index) => [layer.digest, { diffId: diffIds[index] ?? layer.digest, descriptor: layer }]),
    );
    const topmostFirst = [...layers.values()].reverse();
    for (const { diffId } of topmostFirst) say({ status: 'Preparing', progressDetail: {}, id: shortId(diffId) });
    const done = await allUnlessOneFails(topmostFirst, signal, (layer, inner) => pushLayer(job, layer, inner));
    await repository.upload({ ...quiet, descriptor: manifest.config, open: () => openBlob(context, manifest.config) }, [], signal);
    const bytes = await context.content.read(descriptor.digest);
    await repository.putManifest(tag, { descriptor, bytes }, signal);
    signal.throwIfAborted();
    const { digest, size } = descriptor;
    if (context.records.get(image.id) !== undefined) context.records.name({ ...job.reference, tag: null, digest }, image.id);
    say({ status: `${tag}: digest: ${digest} size: ${size}` });
    say({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: size } });
    const pushed = done.filter(({ how }) => how === 'pushed').length;
    return { pushed, skipped: done.length - pushed };
  } finally {
    held.dispose();
  }
}

const quiet = { onProgress: () => undefined, onRetry: () => undefined };

async function pushLayer(
  { context, repository, slots, say }: PushJob,
  { diffId, descriptor }: Layer,
  signal: AbortSignal,
): Promise<Uploaded> {
  const id = shortId(diffId);
  const tell = (status: string): void => say({ status, progressDetail: {}, id });
  const open = (): Promise<ByteSource> => openBlob(context, descriptor);
  const onProgress = coarse(descriptor.size, (bytes) => say(progressMessage(id, 'Pushing', bytes, descriptor.size)));
  const onRetry = (seconds: number): void => tell(`Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`);
  return slots.run(
    async () => {
      signal.throwIfAborted();
      const uploaded = await repository.upload(
        { descriptor, open, onProgress, onRetry },
        mountsOf(context, repository, descriptor),
        signal,
      );
      if (uploaded.how === 'mounted') tell(`Mounted from ${uploaded.from}`);
      else tell(uploaded.how === 'exists' ? 'Layer already exists' : 'Pushed');
      return uploaded;
    },
    () => tell('Waiting'),
  );
}

/** Repositories of the same host that an image with this blob came from or went to. */
function mountsOf({ records }: ImagesContext, { client, path }: Repository, { digest }: Descriptor): readonly string[] {
  const names = records.all().flatMap((image) => (image.blobs.has(digest) ? records.namesOf(image.id) : []));
  const paths = names.flatMap((name) => (name.digest !== null && name.domain === client.host && name.path !== path ? [name.path] : []));
  return [...new Set(paths)];
}

/** Each with a signal that is aborted with the first failure. Resolves or rejects when none of them goes on. */
async function allUnlessOneFails<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const failures: unknown[] = [];
  const results = await Promise.allSettled(
    items.map((item) =>
      work(item, controller.signal).catch((thrown: unknown) => {
        failures.push(thrown);
        controller.abort(thrown);
        throw thrown;
      }),
    ),
  );
  signal.removeEventListener('abort', stop);
  if (failures.length > 0) throw failures[0];
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function shortId(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
