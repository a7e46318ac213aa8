import type { Directive } from '../../../src/tutorial/format/directive.ts';
import type { StepFrontMatter } from '../../../src/tutorial/format/step.ts';
import { resolveTutorial, type Tutorial, type TutorialSession } from '../../../src/tutorial/index.ts';
import type { LoadedTutorial } from '../../../src/tutorial/load/index.ts';
import type { Lab } from '../lab.ts';
import type { TrialReport } from './report.ts';
import {
  everyValueMatters,
  leadsOn,
  leavesOut,
  looksAtWhatIsThere,
  nothing,
  rejects,
  solves,
  startsOver,
  trialsOfStep,
  TrialFailure,
  undone,
  type TrialContext,
} from './trials.ts';

/** Something to be tried of one step. */
export interface Trial {
  readonly step: string;
  readonly number: number;
  /** `STEP: TRIAL what` */
  readonly name: string;
  run(context: TrialContext): Promise<unknown>;
}

/** Two seeds whose variables differ; one where there are no variables. */
export function seedsOf(tutorial: Tutorial): readonly string[] {
  const vars = (seed: string): string => JSON.stringify(resolveTutorial(tutorial, seed).vars);
  const other = Array.from({ length: 50 }, (_, index) => `second-${index}`).find((seed) => vars(seed) !== vars('first'));
  return other === undefined ? ['first'] : ['first', other];
}

/** Every trial of every step. */
export function trialsOf({ tutorial, trials }: LoadedTutorial): readonly Trial[] {
  return tutorial.steps.flatMap(({ front }, index) => {
    const next = tutorial.steps[index + 1]?.front.id;
    const trial = (what: string, run: Trial['run']): Trial => ({ step: front.id, number: index + 1, name: `${front.id}: ${what}`, run });
    const id = front.id;
    return [
      trial('M0 nothing done does not pass', (context) => nothing(context, id)),
      trial('S the solution passes and leads on', async (context) => {
        const session = await solves(context, id);
        if (next !== undefined) await leadsOn(context, session, id, next);
      }),
      ...Object.keys(trials[id]?.accept ?? {}).map((route) =>
        trial(`S′ accepted route ${route} passes`, (context) => solves(context, id, trialsOfStep(context, id).accept[route])),
      ),
      ...linesToLeaveOut(front).map((line) =>
        trial(`M1 the solution without line ${line} does not pass`, (context) => leavesOut(context, id, line)),
      ),
      ...Object.keys(trials[id]?.reject ?? {}).map((miss) =>
        trial(`M2 near miss ${miss} does not pass and raises its hint`, (context) => rejects(context, id, miss)),
      ),
      trial('M3 every value of the check matters', (context) => everyValueMatters(context, id)),
      ...(looksAtWhatIsThere(front.check) ? [trial('M4 what was undone does not pass', (context) => undone(context, id))] : []),
      trial('R after a reset it can be solved again', (context) => startsOver(context, id)),
      ...(seedsOf(tutorial).length > 1
        ? [
            trial('T the solution passes with other variables', (context) =>
              solves({ ...context, seed: seedsOf(context.tutorial)[1] ?? context.seed }, id),
            ),
          ]
        : []),
    ];
  });
}

function linesToLeaveOut({ solution }: StepFrontMatter): readonly number[] {
  return [...solution.keys()].filter((line) => solution[line]?.optional === undefined);
}

/** Never rejects: whatever goes wrong is in the report. */
export async function runTrial(trial: Trial, lab: Lab, { tutorial, trials }: LoadedTutorial): Promise<TrialReport> {
  const lines: string[] = [];
  const sessions: TutorialSession[] = [];
  const context: TrialContext = {
    lab,
    tutorial,
    trials,
    seed: seedsOf(tutorial)[0] ?? 'first',
    typed: (directive) => lines.push(lineOf(directive)),
    opened: (session) => sessions.push(session),
  };
  const report = (status: TrialReport['status'], message?: string): TrialReport => ({
    name: trial.name,
    status,
    ...(message === undefined ? {} : { message }),
    test_code: lines.join('\n'),
    task_id: trial.number,
    leaves: (sessions.at(-1)?.state.current?.leaves ?? []).map(({ path, ok, sentence }) => ({ path, ok, sentence })),
  });
  try {
    await trial.run(context);
    return report('pass');
  } catch (error) {
    return report(error instanceof TrialFailure ? 'fail' : 'error', error instanceof Error ? error.message : String(error));
  } finally {
    for (const session of sessions) session.dispose();
  }
}

const lineOf = (directive: Directive): string => ('run' in directive ? directive.run : JSON.stringify(directive));
