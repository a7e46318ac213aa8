import { AppError, toAppError } from '../../base/errors.ts';
import { logImageEvent, type ImagesContext } from './context.ts';
import { familiarName, familiarString, parseReference, withDefaultTag, withTag } from '../../grammar/reference.ts';

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
  const repository = parseReference(target.repository);
  if (repository.digest !== null) throw new AppError('invalid', 'cannot import digest reference');
  if (familiarName(repository) === 'sha256')
    throw new AppError('invalid', 'refusing to create an ambiguous tag using digest algorithm as name');
  const reference = target.tag === '' ? withDefaultTag(repository) : withTag(repository, target.tag);
  records.name(reference, image.id);
  image.taggedAt = clock.now();
  logImageEvent(log, 'tag', { actor: image.id, name: familiarString(reference), image });
}
