import { AppError } from '../../base/errors.ts';
import { logImageEvent, type ImagesContext } from './context.ts';
import { familiarName, familiarString, parseReference, withDefaultTag, withTag } from './reference.ts';

/** Gives an image another name. @throws AppError not_found, invalid */
export function tagImage(
  { records, log, clock }: ImagesContext,
  name: string,
  target: { readonly repository: string; readonly tag: string },
): void {
  const { image } = records.find(name);
  const repository = parseReference(target.repository);
  if (repository.digest !== null) throw new AppError('invalid', 'refusing to create a tag with a digest reference');
  if (familiarName(repository) === 'sha256')
    throw new AppError('invalid', 'refusing to create an ambiguous tag using digest algorithm as name');
  const reference = target.tag === '' ? withDefaultTag(repository) : withTag(repository, target.tag);
  records.name(reference, image.id);
  image.taggedAt = clock.now();
  logImageEvent(log, 'tag', { actor: image.id, name: familiarString(reference), image });
}
