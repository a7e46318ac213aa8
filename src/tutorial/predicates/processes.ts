import { z } from 'zod';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { GuestTarget } from '../../protocol/playground.ts';
import { testField } from '../check/candidates.ts';
import { list, number } from '../check/container-fields.ts';
import type { Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { findContainer, type Observation } from '../check/observation.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, matcherText } from '../catalogue/en-fields.ts';
import type { GuestReader } from '../guest-reader.ts';
import { lazily } from '../format/lazily.ts';
import { held, matcher } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      of: z.string().min(1).describe('Name of a running container.'),
      names: matcher().optional().describe('Names of the programs that run in it, as a list: { contains: worker }.'),
      count: matcher().optional().describe('How many processes live in it.'),
      zombies: matcher().optional().describe('How many have ended and were never waited for.'),
      for: held(),
    })
    .describe('So it stands with the processes of a container, as its own /proc tells.'),
);
export type ProcessesPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly match: ProcessesPredicate;
  readonly miss: Miss | null;
  /** Null: it does not run. */
  readonly names: readonly string[] | null;
}

/** Processes beyond so many are not looked at. */
const most = 256;

interface Living {
  readonly names: readonly string[];
  readonly zombies: number;
}

/** The processes of its pid name space: /proc as the container sees it. Null where it has none, as while it does not run. */
export async function processesOf(container: ContainerInspect | undefined, guest: GuestReader): Promise<Living | null> {
  if (container?.State.Running !== true) return null;
  const target: GuestTarget = { kind: 'container', container: container.Id };
  const listed = await guest.read({ target, op: 'list', path: '/proc' });
  if (!listed.ok || listed.op !== 'list') return null;
  const pids = listed.names.filter((name) => /^\d+$/.test(name)).slice(0, most);
  // It has just ended: what is read is the image's empty folder.
  if (pids.length === 0) return null;
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = await guest.read({ target, op: 'read', path: `/proc/${pid}/status` });
      // One that has ended between the two looks.
      return read.ok && read.op === 'read' ? read.text : null;
    }),
  );
  const statuses = found.filter((status) => status !== null);
  const isZombie = (status: string): boolean => /^State:\t[ZX]/m.test(status);
  return {
    names: statuses.filter((status) => !isZombie(status)).map((status) => /^Name:\t(.*)$/m.exec(status)?.[1] ?? ''),
    zombies: statuses.filter(isZombie).length,
  };
}

const readings: Readonly<Record<'names' | 'count' | 'zombies', (living: Living) => Reading>> = {
  names: ({ names }) => list(names),
  count: ({ names }) => number(names.length),
  zombies: ({ zombies }) => number(zombies),
};

function wants(match: ProcessesPredicate): readonly (Want & { readonly field: keyof typeof readings })[] {
  return (['names', 'count', 'zombies'] as const).flatMap((field) => {
    const matcher = match[field];
    return matcher === undefined ? [] : [{ field, matcher }];
  });
}

async function find(match: ProcessesPredicate, observation: Observation): Promise<Found<Finding>> {
  const container = findContainer(observation.engine, match.of);
  const living = await processesOf(container, observation.guest);
  const miss =
    living === null
      ? null
      : (wants(match)
          .map((want) => testField({ ...want, reading: readings[want.field](living), operand: () => undefined }))
          .find((found) => found !== null) ?? null);
  return {
    finding: { ok: living !== null && miss === null, match, miss, names: living?.names ?? null },
    identity: container === undefined ? '' : `${container.Id} ${container.State.StartedAt}`,
  };
}

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' });

const phrases: Readonly<Record<keyof typeof readings, (text: string) => string>> = {
  names: (text) => `programs ${text}`,
  count: (text) => `${text} running ${text === '1' ? 'process' : 'processes'}`,
  zombies: (text) => `${text === '0' ? 'no' : text} ${text === '1' ? 'zombie' : 'zombies'}`,
};

function words({ ok, match, miss, names }: Finding): Words {
  const wanted = wants(match).map(({ field, matcher }) =>
    phrases[field](typeof matcher === 'object' ? matcherText(matcher).replace(/^with (“.*”) in it$/, 'such as $1') : String(matcher)),
  );
  const expected = `${match.of} with ${wanted.length === 0 ? 'processes' : listFormat.format(wanted)}`;
  if (names === null) return { expected, actual: `no running ${match.of}`, sentence: `${match.of} does not run, so it has no processes.` };
  const programs = `programs ${[...new Set(names)].join(', ')}`;
  if (ok || miss === null) return { expected, actual: programs, sentence: `There is ${expected}.` };
  const actual = miss.field === 'names' ? programs : phrases[miss.field === 'count' ? 'count' : 'zombies'](miss.actual ?? '0');
  return { expected, actual, sentence: `${match.of} has ${actual}; wanted is ${expected}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem(words) },
  heldFor: (match) => match.for,
  polled: () => true,
});
