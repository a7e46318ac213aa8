import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { trimEndOf } from '../../base/trim.ts';
import type { FileStat, GuestTarget } from '../../protocol/playground.ts';
import { testField } from '../check/candidates.ts';
import { bytes, number, text } from '../check/container-fields.ts';
import type { Miss, Want } from '../check/finding.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Reading } from '../check/match.ts';
import { findContainer, splitOperand, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, asItem, capital, fileClause, filePhrase, placeName } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held, matcher } from '../format/matcher.ts';

const shape = /* @__PURE__ */ lazily(() => ({
  exists: z.boolean().optional().describe('Whether the file is there; true unless given.'),
  type: matcher().optional().describe('file, directory, symlink, character, block, fifo or socket.'),
  mode: matcher().optional().describe('Permission bits as octal text, e.g. "644".'),
  owner: matcher().optional().describe('Numeric user id of the owner.'),
  group: matcher().optional().describe('Numeric group id.'),
  size: matcher().optional().describe('Bytes.'),
  device: matcher()
    .optional()
    .describe('Of a device node "major:minor"; a character device 0:0 is how an overlay remembers what was deleted.'),
  content: matcher().optional().describe('The whole text without the line breaks at its end. For text that the learner wrote.'),
}));

/** What a file is like, wherever it is. */
export const fileMatch = /* @__PURE__ */ lazily(() => z.strictObject(shape()).meta({ id: 'file-match' }));
export type FileMatch = z.infer<ReturnType<typeof fileMatch>>;

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      in: z
        .string()
        .regex(/^(guest|container:.+|volume:.+)$/, '"guest", "container:NAME" or "volume:NAME"')
        .describe('Where the path is looked up: the Docker host itself, the file system of a container, running or not, or a volume.'),
      path: z.string().startsWith('/').describe('Absolute path.'),
      ...shape(),
      for: held(),
    })
    .describe('A file is as described.'),
);
export type FilePredicate = z.infer<ReturnType<typeof schema>>;

/** `miss` is null and `ok` false when the container or volume is not there: `absent`. */
interface Finding {
  readonly ok: boolean;
  /** "guest", "container:NAME" or "volume:NAME". */
  readonly where: string;
  readonly path: string;
  readonly wanted: readonly Want[];
  readonly miss: Miss | null;
  readonly absent: boolean;
}

type StatField = Exclude<keyof FileMatch, 'exists' | 'content'>;

const statFields: Readonly<Record<StatField, (stat: FileStat) => Reading>> = {
  type: ({ type }) => text(type),
  mode: ({ mode }) => text(mode.toString(8)),
  owner: ({ uid }) => number(uid),
  group: ({ gid }) => number(gid),
  size: ({ size }) => bytes(size),
  device: ({ rdev }) => text(`${rdev.major}:${rdev.minor}`),
};

const isStatField = (key: string): key is StatField => Object.hasOwn(statFields, key);

export function fileWants(match: FileMatch): readonly Want[] {
  const exists: Want = { field: 'exists', matcher: match.exists ?? true };
  const rest = Object.keys(match).filter((key) => isStatField(key) || key === 'content');
  return [exists, ...rest.flatMap((field) => (isStatField(field) ? want(field, match[field]) : want(field, match.content)))];
}

const want = (field: string, matcher: Want['matcher'] | undefined): Want[] => (matcher === undefined ? [] : [{ field, matcher }]);

/** Null when the file is as described. @throws AppError when nobody can tell, e.g. while the guest starts anew */
export async function fileMiss(match: FileMatch, target: GuestTarget, path: string, observation: Observation): Promise<Miss | null> {
  const wanted = match.exists ?? true;
  const found = await observation.guest.read({ target, op: 'stat', path });
  // What cannot be looked at is not known to be gone: the whole look has failed.
  if (!found.ok && found.kind !== 'not_found') throw new AppError(found.kind, found.message);
  if (found.ok !== wanted) return { field: 'exists', relation: 'equal', expected: String(wanted), actual: String(found.ok) };
  if (!found.ok || found.op !== 'stat') return null;
  for (const { field, matcher } of fileWants(match)) {
    if (field === 'exists') continue;
    const reading = isStatField(field) ? statFields[field](found.stat) : await contentOf(target, path, observation);
    const miss = testField({ field, matcher, reading, operand: () => undefined });
    if (miss !== null) return miss;
  }
  return null;
}

async function contentOf(target: GuestTarget, path: string, observation: Observation): Promise<Reading | undefined> {
  const found = await observation.guest.read({ target, op: 'read', path });
  return found.ok && found.op === 'read' ? text(trimEndOf(found.text, '\r\n')) : undefined;
}

async function find({ in: where, path, for: _for, ...match }: FilePredicate, observation: Observation): Promise<Found<Finding>> {
  const found = (ok: boolean, miss: Miss | null, absent: boolean, identity: string): Found<Finding> => ({
    finding: { ok, where, path, wanted: fileWants(match), miss, absent },
    identity,
  });
  if (where === 'guest') {
    const miss = await fileMiss(match, { kind: 'guest' }, path, observation);
    return found(miss === null, miss, false, where);
  }
  const [kind, name] = splitOperand(where);
  if (kind === 'volume') {
    const volume = observation.engine.volumes.find(({ Name }) => Name === name);
    if (volume === undefined) return found(false, null, true, '');
    const miss = await fileMiss(match, { kind: 'guest' }, `${volume.Mountpoint}${path}`, observation);
    return found(miss === null, miss, false, `${where} ${volume.CreatedAt}`);
  }
  const container = findContainer(observation.engine, name);
  if (container === undefined) return found(false, null, true, '');
  const miss = await fileMiss(match, { kind: 'container', container: container.Id }, path, observation);
  return found(miss === null, miss, false, container.Id);
}

const list = new Intl.ListFormat('en', { type: 'conjunction' });

function words({ ok, where, path, wanted, miss, absent }: Finding): Words {
  const told = wanted.filter(({ field }) => field !== 'exists' || wanted.length === 1);
  const expected = `${list.format(told.map(({ field, matcher }) => filePhrase(path, field, matcher)))} in ${placeName(where)}`;
  if (ok) return { expected, actual: expected, sentence: `There is ${expected}.` };
  if (absent || miss === null)
    return {
      expected,
      actual: `no ${placeName(where)}`,
      sentence: `There is no ${where.startsWith('volume:') ? '' : 'container '}${placeName(where)} whose files could be looked at.`,
    };
  return { expected, actual: actualOf(miss), sentence: `${capital(fileClause(`the file ${path} in ${placeName(where)}`, miss))}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem(words) },
  heldFor: (match) => match.for,
  polled: () => true,
});
