import { AppError } from '../../base/errors.ts';
import type { AnswerOutcome } from './options.ts';
import type { Visit } from './visit.ts';

/**
 * Gives an answer to the question of the step that one is in. A right one stays right.
 * @param look looks at the facts and resolves when what was found is told
 * @throws AppError `conflict` where nothing is asked
 */
export async function giveAnswer(visit: Visit, text: string, look: () => Promise<void>): Promise<AnswerOutcome> {
  if (visit.step.front.question === undefined) throw new AppError('conflict', `the step ${visit.step.front.id} asks nothing`);
  visit.answer = text.trim();
  await look();
  const leaves = (visit.outcome?.leaves ?? []).filter(({ predicate }) => predicate === 'answer');
  const wrong = leaves.find(({ ok }) => !ok);
  return { ok: leaves.length > 0 && wrong === undefined, sentence: (wrong ?? leaves[0])?.sentence ?? visit.failure ?? '' };
}
