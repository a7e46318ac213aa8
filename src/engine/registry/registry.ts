import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { familiarName, familiarString, type Reference } from '../../grammar/reference.ts';
import type { Descriptor } from './oci.ts';

/** Where images are pulled from. Contents are not trusted: whoever reads them checks them against their digest. */
export interface Registry {
  /**
   * What a name with a tag or a digest stands for: manifests or indexes, one for each platform where there is a choice.
   * @throws AppError not_found with Docker's words for an unknown repository or tag
   */
  resolve(reference: Reference, signal: AbortSignal): Promise<readonly Descriptor[]>;
  /** Every tag of a repository. @throws AppError not_found */
  tags(reference: Reference, signal: AbortSignal): Promise<readonly string[]>;
  /** Every repository, each with what its newest or only tag stands for, for `docker search`. */
  list(): Promise<readonly { readonly reference: Reference; readonly descriptors: readonly Descriptor[] }[]>;
  fetch(reference: Reference, descriptor: Descriptor, signal: AbortSignal): Promise<ByteSource>;
}

export function pullDenied(reference: Reference, hint: string): AppError {
  return new AppError(
    'not_found',
    `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'${hint}`,
  );
}

export function manifestUnknown(reference: Reference, hint: string): AppError {
  return new AppError('not_found', `manifest for ${familiarString(reference)} not found: manifest unknown${hint}`);
}
