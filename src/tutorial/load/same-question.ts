import { AppError } from '../../base/errors.ts';
import type { StepFrontMatter } from '../format/step.ts';
import type { KernelPredicate } from '../predicates/kernel.ts';
import type { ProcessPredicate } from '../predicates/process.ts';
import type { Predicate } from '../predicates/registry.ts';

/**
 * `kernel: { of: container:theirs, like: your-run }` asks of a container what another step asks of a process: the very same question, put in here.
 * @param earlier checks of the steps before, by id
 * @throws AppError `invalid` when there is no such step, or it asks nothing of a process
 */
export function withSameQuestions(front: StepFrontMatter, file: string, earlier: ReadonlyMap<string, Predicate>): StepFrontMatter {
  const put = (predicate: Predicate): Predicate => {
    const { all, any, not, kernel } = predicate;
    return {
      ...predicate,
      ...(all === undefined ? {} : { all: all.map(put) }),
      ...(any === undefined ? {} : { any: any.map(put) }),
      ...(not === undefined ? {} : { not: put(not) }),
      ...(kernel?.like === undefined ? {} : { kernel: withQuestion(kernel, kernel.like, file, earlier) }),
    };
  };
  return {
    ...front,
    check: put(front.check),
    ...(front.was === undefined ? {} : { was: put(front.was) }),
    hints: Object.fromEntries(
      Object.entries(front.hints).map(([id, hint]) => [id, hint.when === undefined ? hint : { ...hint, when: put(hint.when) }]),
    ),
  };
}

function withQuestion(
  { like: _like, ...own }: KernelPredicate,
  step: string,
  file: string,
  earlier: ReadonlyMap<string, Predicate>,
): KernelPredicate {
  const check = earlier.get(step);
  if (check === undefined) throw new AppError('invalid', `${file}: like: ${step} is not an earlier step`);
  const asked = processOf(check);
  if (asked === undefined) throw new AppError('invalid', `${file}: like: ${step} asks nothing of a process`);
  const { tty: _tty, for: _for, ...question } = asked;
  return { ...question, ...own };
}

function processOf({ all, any, process }: Predicate): ProcessPredicate | undefined {
  if (process !== undefined) return process;
  for (const part of [...(all ?? []), ...(any ?? [])]) {
    const found = processOf(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
