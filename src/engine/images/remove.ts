import { AppError } from '../../base/errors.ts';
import type { ImageDeleteItem } from '../../protocol/engine-api.ts';
import { chainIds } from './chain.ts';
import { logImageEvent, sweepLayers, type ImagesContext } from './context.ts';
import { isSingleReference, type ImageRecord } from './records.ts';
import { familiarString, fullName, parseReference, withDefaultTag, type Reference } from '../../grammar/reference.ts';

/**
 * Moby's ImageDelete. By name: the name goes, and the image with it when that was its last. By ID: the image, with its names when they are
 * all of one repository or `force` is given. Containers that stand on the image keep its layers.
 * @throws AppError not_found, conflict
 */
export function removeImage(context: ImagesContext, name: string, options: { readonly force: boolean }): readonly ImageDeleteItem[] {
  const { records } = context;
  const { image, byId } = records.find(name);
  const names = records.namesOf(image.id);
  const items: ImageDeleteItem[] = [];
  if (!byId) {
    const user = context.uses.usersOf(image.id)[0];
    if (!options.force && isSingleReference(names) && user !== undefined) throw nameInUse(name, user.id, image.id);
    untagWithDigests(context, image, { reference: storedReference(parseReference(name)), items });
    // What a container runs from stays, without a name; nobody is told, since the name is gone as asked.
    if (records.namesOf(image.id).length > 0 || context.uses.usersOf(image.id).some(({ running }) => running)) return items;
  } else if (isSingleReference(names)) {
    checkConflict(context, image, { ...options, names: false });
    for (const each of names) untag(context, image, { reference: each, items });
  }
  return deleteImage(context, image, { ...options, items });
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

/** The image itself, with whatever names are left. */
export function deleteImage(
  context: ImagesContext,
  image: ImageRecord,
  { force, items }: { readonly force: boolean; readonly items: ImageDeleteItem[] },
): readonly ImageDeleteItem[] {
  const { records, log, uses } = context;
  checkConflict(context, image, { force, names: true });
  for (const each of records.namesOf(image.id)) untag(context, image, { reference: each, items });
  records.remove(image.id, uses.usersOf(image.id).length > 0);
  logImageEvent(log, 'delete', { actor: image.id, name: image.id, image });
  items.push({ Deleted: image.id });
  const removed = new Set(sweepLayers(context).removed);
  const diffIds = image.config.rootfs.diff_ids;
  const chain = chainIds(diffIds);
  for (let index = diffIds.length - 1; index >= 0; index -= 1) {
    if (removed.has(diffIds[index] ?? '')) items.push({ Deleted: chain[index] ?? '' });
  }
  return items;
}

/** @param names whether more than one name is a conflict too */
function checkConflict(
  { records, uses }: ImagesContext,
  image: ImageRecord,
  { force, names }: { readonly force: boolean; readonly names: boolean },
): void {
  const users = uses.usersOf(image.id);
  const running = users.find((user) => user.running);
  if (running !== undefined) throw conflict(image, 'cannot be forced', `image is being used by running container ${short(running.id)}`);
  if (force) return;
  if (names && records.namesOf(image.id).length > 1)
    throw conflict(image, 'must be forced', 'image is referenced in multiple repositories');
  const stopped = users[0];
  if (stopped !== undefined) throw conflict(image, 'must be forced', `image is being used by stopped container ${short(stopped.id)}`);
}

function conflict(image: ImageRecord, how: string, why: string): AppError {
  return new AppError('conflict', `conflict: unable to delete ${short(image.id)} (${how}) - ${why}`);
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
