import { AppError, toAppError } from '../../base/errors.ts';
import { logImageEvent, type ImagesContext } from './context.ts';
import type { ImageRecord } from './records.ts';
import { familiarName, familiarString, parseReference, withDefaultTag, withTag, type Reference } from '../../grammar/reference.ts';

/** Where the name is none, moby knows no such image, and says why there can be none. */
function findTagged(records: ImagesContext['records'], name: string): ReturnType<ImagesContext['records']['find']> {
  try {
    return records.find(name);
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw kind === 'invalid' ? new AppError('not_found', message, { cause: thrown }) : thrown;
  }
}

/** Gives an image another name. @throws AppError not_found, invalid */
export function tagImage(
  { records, log, clock }: ImagesContext,
  name: string,
  target: { readonly repository: string; readonly tag: string },
): void {
  const { image } = findTagged(records, name);
  const reference = referenceToTag(target.repository, target.tag);
  if (reference !== null) nameImage({ records, log, clock }, reference, image);
}

/** What an image may be called from here. @returns null: nothing was said @throws AppError invalid */
export function referenceToTag(repository: string, tag: string): Reference | null {
  if (repository === '') return null;
  const named = parseReference(repository);
  if (named.digest !== null) throw new AppError('invalid', 'cannot import digest reference');
  if (familiarName(named) === 'sha256') throw new AppError('invalid', 'refusing to create an ambiguous tag using digest algorithm as name');
  return tag === '' ? withDefaultTag(named) : withTag(named, tag);
}

/** An image that was just made. */
export function nameMade(context: ImagesContext, reference: Reference, id: string): void {
  const image = context.records.get(id);
  if (image !== undefined) nameImage(context, reference, image);
}

function nameImage(
  { records, log, clock }: Pick<ImagesContext, 'records' | 'log' | 'clock'>,
  reference: Reference,
  image: ImageRecord,
): void {
  records.name(reference, image.id);
  image.taggedAt = clock.now();
  logImageEvent(log, 'tag', { actor: image.id, name: familiarString(reference), image });
}
