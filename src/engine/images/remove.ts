import { AppError } from '../../base/errors.ts';
import type { ImageDeleteItem } from '../../protocol/engine-api.ts';
import { chainIds } from './chain.ts';
import { isNeeded, logImageEvent, sweepLayers, type ImagesContext } from './context.ts';
import { checkPlatform } from './platform.ts';
import { isSingleReference, type ImageRecord } from './records.ts';
import { familiarString, fullName, parseReference, withDefaultTag, type Reference } from '../../grammar/reference.ts';

export interface RemoveOptions {
  /** Also one that a stopped container stands on, or that has names in several repositories. */
  readonly force: boolean;
  /** With it goes what it was made of, as far as nothing else needs it and it has no name. */
  readonly prunesParents: boolean;
  /** What it must be of, as "os/architecture"; none: of any. */
  readonly platforms?: readonly string[];
}

/**
 * Moby's ImageDelete. By name: the name goes, and the image with it when that was its last. By ID: the image, with its names when they are
 * all of one repository or `force` is given. Containers that stand on the image keep its layers.
 * @throws AppError not_found, conflict
 */
export function removeImage(context: ImagesContext, name: string, options: RemoveOptions): readonly ImageDeleteItem[] {
  const { records } = context;
  const { image, byId } = records.find(name);
  if ((options.platforms?.length ?? 0) > 1) throw new AppError('invalid', 'multiple platforms are not supported');
  for (const platform of options.platforms ?? []) checkPlatform(platform, name, image.config);
  const names = records.namesOf(image.id);
  const items: ImageDeleteItem[] = [];
  if (!byId) {
    const user = context.uses.usersOf(image.id)[0]?.id ?? context.uses.mountersOf(image.id)[0];
    if (!options.force && isSingleReference(names) && user !== undefined) throw nameInUse(name, user, image.id);
    untagWithDigests(context, image, { reference: storedReference(parseReference(name)), items });
    if (records.namesOf(image.id).length > 0) return items;
  } else if (isSingleReference(names)) {
    const conflict = conflictOf(context, image, { ...options, names: false });
    if (conflict !== null) throw conflict.error;
    for (const each of names) untag(context, image, { reference: each, items });
  }
  deleteImage(context, image, { ...options, isQuiet: !byId, items });
  return items;
}

function storedReference(reference: Reference): Reference {
  return reference.digest === null ? withDefaultTag(reference) : { ...reference, tag: null };
}

interface Untag {
  readonly reference: Reference;
  readonly items: ImageDeleteItem[];
}

function untag({ records, log }: ImagesContext, image: ImageRecord, { reference, items }: Untag): void {
  records.unname(reference);
  logImageEvent(log, 'untag', { actor: image.id, name: image.id, image });
  items.push({ Untagged: familiarString(reference) });
}

/** With a repository's last tag go its digests. */
function untagWithDigests(context: ImagesContext, image: ImageRecord, { reference, items }: Untag): void {
  untag(context, image, { reference, items });
  if (reference.digest !== null) return;
  const sameRepository = context.records.namesOf(image.id).filter((each) => fullName(each) === fullName(reference));
  if (sameRepository.some((each) => each.digest === null)) return;
  for (const each of sameRepository) {
    context.records.unname(each);
    items.push({ Untagged: familiarString(each) });
  }
}

interface Delete extends RemoveOptions {
  /** A conflict is told only of an image that nobody could find any more. */
  readonly isQuiet: boolean;
  readonly items: ImageDeleteItem[];
}

/** The image itself, with whatever names are left, and then its parents (moby: imageDeleteHelper). @throws AppError conflict */
function deleteImage(context: ImagesContext, first: ImageRecord, { force, prunesParents, isQuiet, items }: Delete): void {
  const { records, log, uses } = context;
  let image: ImageRecord | undefined = first;
  let options = { force, isQuiet };
  while (image !== undefined) {
    const conflict = conflictOf(context, image, { force: options.force, names: true });
    const isDangling = records.namesOf(image.id).length === 0 && records.childrenOf(image.id).length === 0;
    if (conflict !== null && options.isQuiet && (!isDangling || conflict.isUsed)) return;
    if (conflict !== null) throw conflict.error;
    // Quietly: a parent that has a name stays.
    if (image !== first && records.namesOf(image.id).length > 0) return;
    for (const each of records.namesOf(image.id)) untag(context, image, { reference: each, items });
    records.remove(image.id, isNeeded(uses, image.id));
    logImageEvent(log, 'delete', { actor: image.id, name: image.id, image: null, of: image.id });
    items.push({ Deleted: image.id }, ...removedLayers(context, image));
    image = prunesParents ? records.get(image.parent) : undefined;
    options = { force: false, isQuiet: true };
  }
}

/** Topmost first, by the IDs of their chains. */
function removedLayers(context: ImagesContext, image: ImageRecord): ImageDeleteItem[] {
  const removed = new Set(sweepLayers(context).removed);
  const diffIds = image.config.rootfs.diff_ids;
  const chain = chainIds(diffIds);
  return diffIds.flatMap((diffId, index) => (removed.has(diffId) ? [{ Deleted: chain[index] ?? '' }] : [])).reverse();
}

interface Conflict {
  readonly error: AppError;
  /** By a container. */
  readonly isUsed: boolean;
}

/** @param options.names whether more than one name is a conflict too */
function conflictOf(
  { records, uses }: ImagesContext,
  image: ImageRecord,
  { force, names }: { readonly force: boolean; readonly names: boolean },
): Conflict | null {
  const users = uses.usersOf(image.id);
  const conflict = (how: string, why: string, isUsed: boolean): Conflict => ({
    error: new AppError('conflict', `conflict: unable to delete ${short(image.id)} (${how}) - ${why}`),
    isUsed,
  });
  if (records.childrenOf(image.id).length > 0) return conflict('cannot be forced', 'image has dependent child images', false);
  const running = users.find((user) => user.running);
  if (running !== undefined) return conflict('cannot be forced', `image is being used by running container ${short(running.id)}`, true);
  if (force) return null;
  if (names && records.namesOf(image.id).length > 1)
    return conflict('must be forced', 'image is referenced in multiple repositories', false);
  const stopped = users[0];
  if (stopped === undefined) return null;
  return conflict('must be forced', `image is being used by stopped container ${short(stopped.id)}`, true);
}

function nameInUse(name: string, container: string, image: string): AppError {
  return new AppError(
    'conflict',
    `conflict: unable to remove repository reference "${name}" (must force) - container ${short(container)} is using its referenced image ${short(image)}`,
  );
}

/** stringid.TruncateID */
function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
