import { z } from 'zod';
import { assess, type FieldTest } from '../check/candidates.ts';
import type { Miss, Want } from '../check/finding.ts';
import { mountShape, mountWants } from '../check/mount-facts.ts';
import { parseMountinfo, type Mount } from '../check/mountinfo.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, attributes, missClause } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      at: z.string().startsWith('/').describe('Mount point.'),
      ...mountShape(),
      for: held(),
    })
    .describe('Something is mounted in the Docker host itself.'),
);
export type MountPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly at: string;
  readonly wanted: readonly Want[];
  readonly there: boolean;
  readonly miss: Miss | null;
}

async function find({ at, for: _for, ...match }: MountPredicate, observation: Observation): Promise<Found<Finding>> {
  const mounts = await hostMounts(observation);
  // The last one hides those before it.
  const mount = mounts.findLast(({ target }) => target === at);
  const wants = mountWants(match);
  const miss = mount === undefined ? null : assess(wants.map((want) => test(want, mount, mounts))).miss;
  return {
    finding: {
      ok: mount !== undefined && miss === null,
      at,
      wanted: wants.map(({ field, matcher }) => ({ field, matcher })),
      there: mount !== undefined,
      miss,
    },
    identity: mount?.device ?? '',
  };
}

async function hostMounts({ guest }: Observation): Promise<readonly Mount[]> {
  const answer = await guest.read({ target: { kind: 'guest' }, op: 'read', path: '/proc/1/mountinfo' });
  return answer.ok && answer.op === 'read' ? parseMountinfo(answer.text) : [];
}

/** A relation compares with the same of another mount, by its mount point: `{ same-as: /lab/one }`. */
const test = ({ field, matcher, read }: ReturnType<typeof mountWants>[number], mount: Mount, mounts: readonly Mount[]): FieldTest => ({
  field,
  matcher,
  reading: read(mount),
  operand: (name) => {
    const other = mounts.findLast(({ target }) => target === name);
    return other === undefined ? undefined : read(other);
  },
});

function words({ ok, at, wanted, there, miss }: Finding): Words {
  const expected = ['a mount at', at, attributes(wanted)].filter((part) => part !== '').join(' ');
  if (ok) return { expected, actual: at, sentence: `There is ${expected}.` };
  if (!there || miss === null) return { expected, actual: 'no mount', sentence: `Nothing is mounted at ${at}.` };
  return { expected, actual: actualOf(miss), sentence: `Something is mounted at ${at}, but ${missClause(miss)}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: words },
  heldFor: (match) => match.for,
  polled: () => true,
});
