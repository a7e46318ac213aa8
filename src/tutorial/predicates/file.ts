import { AppError } from '../../base/errors.ts';
import { trimEndOf } from '../../base/trim.ts';
import type { FileStat, GuestTarget } from '../../protocol/playground.ts';
import type { FileMatch, FilePredicate } from '../../protocol/tutorial-check.ts';
import { testField } from '../check/candidates.ts';
import { bytes, number, text } from '../check/container-fields.ts';
import type { LeafResult, Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { findContainer, type Scene } from '../check/scene.ts';

type StatField = Exclude<keyof FileMatch, 'exists' | 'content'>;

const statFields: Readonly<Record<StatField, (stat: FileStat) => Reading>> = {
  type: ({ type }) => text(type),
  mode: ({ mode }) => text(mode.toString(8)),
  owner: ({ uid }) => number(uid),
  group: ({ gid }) => number(gid),
  size: ({ size }) => bytes(size),
};

const isStatField = (key: string): key is StatField => Object.hasOwn(statFields, key);

export function fileWants(match: FileMatch): readonly Want[] {
  const exists: Want = { field: 'exists', matcher: match.exists ?? true };
  const rest = Object.keys(match).filter((key) => isStatField(key) || key === 'content');
  return [exists, ...rest.flatMap((field) => (isStatField(field) ? want(field, match[field]) : want(field, match.content)))];
}

const want = (field: string, matcher: Want['matcher'] | undefined): Want[] => (matcher === undefined ? [] : [{ field, matcher }]);

/** Null when the file is as described. @throws AppError when nobody can tell, e.g. while the guest starts anew */
export async function fileMiss(match: FileMatch, target: GuestTarget, path: string, scene: Scene): Promise<Miss | null> {
  const wanted = match.exists ?? true;
  const found = await scene.guest.read({ target, op: 'stat', path });
  // What cannot be looked at is not known to be gone: the whole look has failed.
  if (!found.ok && found.kind !== 'not_found') throw new AppError(found.kind, found.message);
  if (found.ok !== wanted) return { field: 'exists', relation: 'equal', expected: String(wanted), actual: String(found.ok) };
  if (!found.ok || found.op !== 'stat') return null;
  for (const { field, matcher } of fileWants(match)) {
    if (field === 'exists') continue;
    const reading = isStatField(field) ? statFields[field](found.stat) : await contentOf(target, path, scene);
    const miss = testField({ field, matcher, reading, operand: () => undefined });
    if (miss !== null) return miss;
  }
  return null;
}

async function contentOf(target: GuestTarget, path: string, scene: Scene): Promise<Reading | undefined> {
  const found = await scene.guest.read({ target, op: 'read', path });
  return found.ok && found.op === 'read' ? text(trimEndOf(found.text, '\r\n')) : undefined;
}

export async function checkFile({ in: where, path, for: _for, ...match }: FilePredicate, scene: Scene): Promise<LeafResult> {
  const found = (ok: boolean, miss: Miss | null, absent: boolean, identity: string): LeafResult => ({
    finding: { predicate: 'file', ok, where, path, wanted: fileWants(match), miss, absent },
    identity,
  });
  if (where === 'guest') {
    const miss = await fileMiss(match, { kind: 'guest' }, path, scene);
    return found(miss === null, miss, false, where);
  }
  const container = findContainer(scene.engine, where.slice('container:'.length));
  if (container === undefined) return found(false, null, true, '');
  const miss = await fileMiss(match, { kind: 'container', container: container.Id }, path, scene);
  return found(miss === null, miss, false, container.Id);
}
