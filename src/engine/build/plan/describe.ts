/** What is asked about a Dockerfile in place of a build: `--call=check` and `--call=targets` (moby/buildkit: frontend/dockerfile/builder/subrequests.go). */
import { utf8 } from '../../../base/bytes.ts';
import { toAppError } from '../../../base/errors.ts';
import { encodeBase64Bytes } from '../../../grammar/base64.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import type { Dockerfile, Stage } from '../../../grammar/dockerfile/stages.ts';
import type { CheckAnswer, DescribedLocation, TargetsAnswer } from '../../../protocol/build-progress.ts';
import { Linter } from './checks/linter.ts';

/**
 * @param filename as its user knows it
 * @param plan does what a build would, as far as it can go wrong, and tells the linter
 * @throws what `plan` does when it is called off
 */
export async function checkAnswer(filename: string, text: string, plan: (linter: Linter) => Promise<unknown>): Promise<CheckAnswer> {
  const linter = new Linter();
  let buildError: CheckAnswer['buildError'];
  try {
    await plan(linter);
  } catch (thrown) {
    const { kind, message, detail } = toAppError(thrown);
    if (kind === 'cancelled') throw thrown;
    const { line, endLine } = detail;
    const end = typeof endLine === 'number' ? endLine : Number(line);
    buildError = { message, ...(typeof line === 'number' ? { location: located({ start: line, end }) } : {}) };
  }
  const warnings = linter.warnings
    .toSorted((one, other) => one.lines.start - other.lines.start)
    .map(({ rule, description, url, detail, lines }) => ({ ruleName: rule, description, url, detail, location: located(lines) }));
  return {
    warnings: warnings.length === 0 ? null : warnings,
    sources: [{ filename, data: encodeBase64Bytes(utf8(text)), language: 'Dockerfile' }],
    ...(buildError === undefined ? {} : { buildError }),
  };
}

export function targetsAnswer(text: string, { stages }: Dockerfile): TargetsAnswer {
  return {
    targets: stages.map((stage, index) => describedTarget(stage, index === stages.length - 1)),
    sources: [encodeBase64Bytes(utf8(text))],
  };
}

function describedTarget({ from: { as, image, node } }: Stage, isDefault: boolean): TargetsAnswer['targets'][number] {
  const comment = as === null ? undefined : node.comments.find((each) => each.startsWith(`${as} `));
  return {
    ...(as === null ? {} : { name: as }),
    ...(isDefault ? { default: true } : {}),
    ...(comment === undefined ? {} : { description: comment.slice(as === null ? 0 : as.length + 1) }),
    base: image,
    location: located(node.lines),
  };
}

function located({ start, end }: LineRange): DescribedLocation {
  return { ranges: [{ start: { line: start }, end: { line: end } }] };
}
