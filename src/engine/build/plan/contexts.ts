import { AppError, toAppError } from '../../../base/errors.ts';
import { familiarString, fullString, parseReference, withDefaultTag } from '../../../grammar/reference.ts';
import type { Platform } from '../../registry/oci.ts';
import type { PlanOptions, Source } from './model.ts';

const imagePrefix = 'docker-image://';

export interface NamedContext {
  readonly source: Extract<Source, { kind: 'image' | 'context' }>;
  /** "[context base] busybox": how a build calls the step that gets it. */
  readonly shown: string;
}

/** What `--build-context` puts in the place of an image or a stage; null: nothing. @throws AppError invalid: a name that no image could have */
export function contextOf(name: string, platform: Platform, { contexts }: PlanOptions): NamedContext | null {
  if (['scratch', 'context'].includes(name.toLowerCase())) return null;
  const known = contextName(name);
  const value = contexts.get(known);
  if (value === undefined) return null;
  const shown = `[context ${known}]`;
  if (!value.startsWith(imagePrefix)) return { source: { kind: 'context', name: known, value }, shown: `${shown} load from client` };
  const image = value.slice(imagePrefix.length);
  return { source: { kind: 'image', reference: fullString(withDefaultTag(parseReference(image))), platform }, shown: `${shown} ${image}` };
}

/** "busybox:latest" and "docker.io/library/busybox" are "busybox". */
function contextName(name: string): string {
  try {
    return familiarString(parseReference(name)).replace(/:latest$/, '');
  } catch (thrown) {
    throw new AppError('invalid', `invalid context name ${name}: ${toAppError(thrown).message}`, { cause: thrown });
  }
}
