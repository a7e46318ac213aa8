/** A Dockerfile becomes a plan: which stages are needed, which steps they have, what their images will say (moby/buildkit: frontend/dockerfile/dockerfile2llb). */
import { AppError } from '../../../base/errors.ts';
import { Steps } from '../../../base/steps.ts';
import type { Dockerfile } from '../../../grammar/dockerfile/stages.ts';
import { Linter } from './checks/linter.ts';
import { checkFile } from './checks/reading.ts';
import type { BuildPlan, PlanOptions, ResolveBase, StagePlan } from './model.ts';
import { isProxy } from './platform-arguments.ts';
import { ResolvedStages } from './resolve.ts';
import { Scope } from './scope.ts';
import { draftStages } from './stage-drafts.ts';
import { StageWalk } from './stage-walk.ts';

/** Characters that a build may read and put in: a value that takes itself twice doubles with each line. */
const mostCharacters = 64 << 20;

/**
 * Nothing is read but the configurations of the images that it begins with.
 * @param linter keeps what it was told also where this throws
 * @throws AppError invalid in BuildKit's words, with `line` and `endLine` in its detail where it points at lines; what `resolveBase` throws, with the image's
 * name in front; exhausted where variables grow beyond bounds
 */
export async function planBuild(
  file: Dockerfile,
  options: PlanOptions,
  resolveBase: ResolveBase,
  linter = new Linter(),
): Promise<BuildPlan> {
  linter.configure(file.directives.check ?? '');
  checkFile(file, linter);
  const steps = new Steps(mostCharacters, 'what the variables of the Dockerfile grow to');
  const scope = new Scope({ escape: file.directives.escape, steps });
  const { stages, globals, target } = draftStages(file, { options, linter, scope });
  const resolved = new ResolvedStages(stages, { options, linter, resolveBase, isSingle: stages.all.length === 1 });
  const needed = await resolved.resolve(options.everyStage === true && options.target === '' ? stages.inFile : [target]);
  const walk = new StageWalk({ stages: resolved, target, globals, options, linter, scope });
  for (const stage of needed) if (stage.isInFile) walk.plan(stage);
  linter.finish();
  checkCommands(walk.plans);
  return { stages: walk.plans, target: walk.planOf(target), unusedArguments: unusedArguments(file, options), warnings: linter.warnings };
}

/** Of what is run in the end; BuildKit sees it where it has no line any more. */
function checkCommands(stages: readonly StagePlan[]): void {
  for (const { steps } of stages)
    for (const step of steps)
      if (step.kind === 'run' && step.arguments.length === 0)
        throw new AppError('invalid', 'failed to marshal LLB definition: arguments are required');
}

function unusedArguments({ globals, stages }: Dockerfile, { buildArgs }: PlanOptions): readonly string[] {
  const instructions = [...globals, ...stages.flatMap((stage) => stage.instructions)];
  const asked = new Set(instructions.flatMap((each) => (each.name === 'ARG' ? each.arguments.map(({ key }) => key) : [])));
  return [...buildArgs.keys()].filter((name) => !asked.has(name) && !isProxy(name)).sort();
}
