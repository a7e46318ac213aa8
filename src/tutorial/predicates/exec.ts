import { z } from 'zod';
import type { ExecEntry } from '../../protocol/log.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, text } from '../check/container-fields.ts';
import type { Miss } from '../check/finding.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, missClause } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      argv: z.array(z.string()).min(1).describe('The first words of the command; the first is compared by its last path segment.'),
      tty: matcher().optional().describe('Whether it had a terminal.'),
      namespaces: matcherMap().optional().describe('Namespace links by type.'),
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

function tests({ tty, namespaces }: ExecPredicate, entry: ExecEntry): FieldTest[] {
  const operand = (): undefined => undefined;
  const links = Object.entries(namespaces ?? {}).map(([type, matcher]) => {
    const link = entry.namespaces[type];
    return { field: `namespaces.${type}`, matcher, reading: link === undefined ? undefined : text(link), operand };
  });
  return tty === undefined ? links : [{ field: 'tty', matcher: tty, reading: boolean(entry.tty), operand }, ...links];
}

function find(match: ExecPredicate, observation: Observation): Found<Finding> {
  const executed = observation.log
    .filter((entry) => entry.kind === 'exec')
    .filter(({ sequence, argv }) => sequence > observation.horizon && startsWith(argv, match.argv));
  const best = nearest(executed.map((item) => ({ item, assessment: assess(tests(match, item)) })));
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
