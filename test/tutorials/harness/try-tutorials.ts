import { AppError } from '../../../src/base/errors.ts';
import { openGuestLab } from '../guest-lab.ts';
import { worldTime } from '../world-time.ts';
import { readTutorials } from '../read-tutorials.ts';
import { inOrder, inShard, readHistory, type Budget, type Shard } from './choose-trials.ts';
import type { TrialReport } from './report.ts';
import { runTrial, trialsOf } from './run-trials.ts';
import { timedLab, type Spent } from './timed-lab.ts';

export interface Tried {
  /** Id. */
  readonly tutorial: string;
  readonly report: TrialReport;
  readonly milliseconds: number;
  /** What of these went into what. */
  readonly spent: Spent;
}

/**
 * Tries the repository's tutorials on the real guest, one trial after the other, as long as the budget allows.
 * @param only ids; all unless given @throws AppError `not_found` of an id
 */
export async function* tryTutorials({
  shard,
  budget,
  only = [],
}: {
  readonly shard: Shard;
  readonly budget: Budget;
  readonly only?: readonly string[];
}): AsyncGenerator<Tried> {
  const { tutorials } = readTutorials();
  const unknown = only.filter((id) => !tutorials.some(({ tutorial }) => tutorial.manifest.id === id));
  if (unknown.length > 0) throw new AppError('not_found', `there is no tutorial ${unknown.join(', ')}`);
  const chosen = tutorials.filter(({ tutorial }) => only.length === 0 || only.includes(tutorial.manifest.id));
  const all = inOrder(chosen, readHistory()).flatMap((loaded) => {
    const trials = trialsOf(loaded);
    return trials.map((trial) => ({ loaded, trial, of: trials.length }));
  });
  const lab = await openGuestLab();
  try {
    for (const { loaded, trial, of } of inShard(all, shard)) {
      const { id } = loaded.tutorial.manifest;
      if (!budget.allows(id, of)) continue;
      const start = worldTime.now();
      const timed = timedLab(lab);
      const report = await runTrial(trial, timed.lab, loaded);
      yield { tutorial: id, report, milliseconds: worldTime.now() - start, spent: timed.spent };
    }
  } finally {
    await lab.dispose();
  }
}
