import { z } from 'zod';
import type { DnsEntry } from '../../protocol/log.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { list, text } from '../check/container-fields.ts';
import type { Miss } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { findContainer, type Observation } from '../check/observation.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { lazily } from '../format/lazily.ts';
import { matcher } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      by: z.string().min(1).describe('Name of the container that asked.'),
      name: matcher().describe('The name that it asked for.'),
      type: matcher().optional().describe('Type of record; A unless given.'),
      code: matcher().optional().describe('NOERROR, NXDOMAIN, SERVFAIL; NOERROR unless given.'),
      records: matcher().optional().describe('What was answered, as a list: addresses, or names.'),
      finds: z.string().min(1).optional().describe('A container, by its name, one of whose addresses was answered.'),
    })
    .describe("A container asked Docker's DNS for a name, since the step was entered."),
);
export type LookupPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly match: LookupPredicate;
  readonly seen: boolean;
  readonly miss: Miss | null;
}

/** The container's addresses now; those of one that is gone are nobody's. */
const addressesOf = (name: string, { engine }: Observation): readonly string[] =>
  Object.values(findContainer(engine, name)?.NetworkSettings.Networks ?? {}).flatMap(({ IPAddress, GlobalIPv6Address }) =>
    [IPAddress, GlobalIPv6Address].filter((address) => address !== ''),
  );

function tests(match: LookupPredicate, entry: DnsEntry, observation: Observation): FieldTest[] {
  const test = (field: string, wanted: FieldTest['matcher'], reading: Reading): FieldTest => ({
    field,
    matcher: wanted,
    reading,
    operand: () => undefined,
  });
  const { finds } = match;
  const found = finds !== undefined && addressesOf(finds, observation).some((address) => entry.records.includes(address));
  return [
    test('name', match.name, text(entry.name)),
    test('type', match.type ?? 'A', text(entry.type)),
    test('code', match.code ?? 'NOERROR', text(entry.code)),
    ...(match.records === undefined ? [] : [test('records', match.records, list(entry.records))]),
    ...(finds === undefined ? [] : [test('finds', finds, text(found ? finds : entry.records.join(', ')))]),
  ];
}

/** Names are not case-sensitive; what is compared is as it was asked for. */
function find(match: LookupPredicate, observation: Observation): Found<Finding> {
  const asked = observation.log
    .filter((entry) => entry.kind === 'dns')
    .filter(({ sequence, container }) => sequence > observation.horizon && container.name === match.by);
  const best = nearest(asked.map((item) => ({ item, assessment: assess(tests(match, item, observation)) })));
  const miss = best?.assessment.miss ?? null;
  // Another name that was asked for is no attempt at this one.
  const seen = best !== undefined && miss?.field !== 'name' && miss?.field !== 'type';
  return {
    finding: { ok: best !== undefined && miss === null, match, seen, miss },
    identity: best === undefined ? '' : String(best.item.sequence),
  };
}

const nameText = ({ name }: LookupPredicate): string => (typeof name === 'object' ? 'a name' : String(name));

/** "api asked for the name store, and got an address of db" */
function phraseOf(match: LookupPredicate): string {
  const asked = `${match.by} asked for the name ${nameText(match)}`;
  if (match.finds !== undefined) return `${asked} and got the address of ${match.finds}`;
  return match.code === undefined ? `${asked} and got an answer` : `${asked}, and the answer was ${String(match.code)}`;
}

const codes: Readonly<Record<string, string>> = {
  NXDOMAIN: 'there is no such name on its networks',
  SERVFAIL: 'nobody could tell',
};

function words({ ok, match, seen, miss }: Finding): Words {
  const expected = phraseOf(match);
  if (ok) return { expected, actual: expected, sentence: `${expected}.` };
  if (!seen || miss === null)
    return { expected, actual: 'not asked', sentence: `In this step ${match.by} has not asked for the name ${nameText(match)}.` };
  const asked = `${match.by} asked for the name ${nameText(match)}`;
  const actual = miss.actual === null || miss.actual === '' ? 'no address' : miss.actual;
  if (miss.field === 'code') return { expected, actual, sentence: `${asked}, but ${codes[actual] ?? `the answer was ${actual}`}.` };
  return {
    expected,
    actual,
    sentence: `${asked}, and the answer was ${actual}${match.finds === undefined ? '' : `, not ${match.finds}`}.`,
  };
}

export const predicate = definePredicate({ timing: 'edge', find, words: { en: words } });
