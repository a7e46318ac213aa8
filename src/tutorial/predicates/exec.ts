import { z } from 'zod';
import type { ExecEntry } from '../../protocol/log.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, text } from '../check/container-fields.ts';
import type { Miss } from '../check/finding.ts';
import { linkOf, operands } from '../check/kernel-facts.ts';
import type { Operand } from '../check/match.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, missClause } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      argv: z.array(z.string()).min(1).describe('The first words of the command; the first is compared by its last path segment.'),
      tty: matcher().optional().describe('Whether it had a terminal.'),
      namespaces: matcherMap()
        .optional()
        .describe('Namespace links by type, e.g. net: { same-as: container:web }, mnt: { same-as: host }; time is not known.'),
    })
    .describe('A program was executed in the guest, since the step was entered.'),
);
export type ExecPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly argv: readonly string[];
  readonly seen: boolean;
  readonly miss: Miss | null;
}

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const startsWith = (argv: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((word, index) => (index === 0 ? lastSegment(argv[0] ?? '') === lastSegment(word) : argv[index] === word));

interface NamespaceTest {
  readonly type: string;
  readonly matcher: Matcher;
  readonly operand: Operand;
}

/** What the relations of name spaces name, as it is now. */
const namespaceTests = ({ namespaces }: ExecPredicate, observation: Observation): Promise<readonly NamespaceTest[]> =>
  Promise.all(
    Object.entries(namespaces ?? {}).map(async ([type, matcher]) => {
      const others = await operands(matcher, (process) => linkOf(process, `ns/${type}`), observation);
      return { type, matcher, operand: (name: string) => others.get(name) };
    }),
  );

function tests({ tty }: ExecPredicate, entry: ExecEntry, namespaces: readonly NamespaceTest[]): FieldTest[] {
  const links = namespaces.map(({ type, matcher, operand }): FieldTest => {
    const link = entry.namespaces[type];
    // The log has `[4026531838]`, /proc `uts:[4026531838]`.
    return { field: `namespaces.${type}`, matcher, reading: link === undefined ? undefined : text(`${type}:${link}`), operand };
  });
  return tty === undefined ? links : [{ field: 'tty', matcher: tty, reading: boolean(entry.tty), operand: () => undefined }, ...links];
}

async function find(match: ExecPredicate, observation: Observation): Promise<Found<Finding>> {
  const namespaces = await namespaceTests(match, observation);
  const executed = observation.log
    .filter((entry) => entry.kind === 'exec')
    .filter(({ sequence, argv }) => sequence > observation.horizon && startsWith(argv, match.argv));
  const best = nearest(executed.map((item) => ({ item, assessment: assess(tests(match, item, namespaces)) })));
  const miss = best?.assessment.miss ?? null;
  return {
    finding: { ok: best !== undefined && miss === null, argv: match.argv, seen: best !== undefined, miss },
    identity: best === undefined ? '' : String(best.item.sequence),
  };
}

function words({ ok, argv, seen, miss }: Finding): Words {
  const expected = `${argv.join(' ')} was executed`;
  if (ok) return { expected, actual: expected, sentence: `${expected}.` };
  if (!seen || miss === null)
    return { expected, actual: 'not executed', sentence: `In this step ${argv.join(' ')} has not been executed.` };
  return { expected, actual: actualOf(miss), sentence: `${expected}, but ${missClause(miss)}.` };
}

export const predicate = definePredicate({ timing: 'edge', find, words: { en: words }, watchesExecs: true });
