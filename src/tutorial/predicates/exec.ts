import type { ExecEntry } from '../../protocol/log.ts';
import type { ExecPredicate } from '../../protocol/tutorial-check.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, text } from '../check/container-fields.ts';
import type { LeafResult } from '../check/finding.ts';
import type { Scene } from '../check/scene.ts';

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

export function checkExec(match: ExecPredicate, scene: Scene): LeafResult {
  const executed = scene.log
    .filter((entry) => entry.kind === 'exec')
    .filter(({ sequence, argv }) => sequence > scene.horizon && startsWith(argv, match.argv));
  const best = nearest(executed.map((item) => ({ item, assessment: assess(tests(match, item)) })));
  const miss = best?.assessment.miss ?? null;
  return {
    finding: { predicate: 'exec', ok: best !== undefined && miss === null, argv: match.argv, seen: best !== undefined, miss },
    identity: best === undefined ? '' : String(best.item.sequence),
  };
}
