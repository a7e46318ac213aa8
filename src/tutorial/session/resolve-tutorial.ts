import type { StepFrontMatter } from '../format/step.ts';
import type { TutorialManifest } from '../format/manifest.ts';
import type { Block } from '../load/prose.ts';
import type { SeedFile, Tutorial } from '../load/tutorial.ts';
import { escapeHtml, substitute, substituteText } from '../substitute.ts';
import { drawVars, type Vars } from '../vars.ts';

/** A tutorial with the variables of one attempt put in. */
export interface ResolvedTutorial {
  readonly manifest: TutorialManifest;
  readonly seed: string;
  readonly vars: Vars;
  readonly steps: readonly ResolvedStep[];
  readonly files: readonly SeedFile[];
}

export interface ResolvedStep {
  readonly front: StepFrontMatter;
  readonly needs: readonly string[];
  readonly blocks: readonly Block[];
}

export function resolveTutorial(tutorial: Tutorial, seed: string): ResolvedTutorial {
  const vars = drawVars(tutorial.manifest.vars, seed);
  return {
    manifest: { ...tutorial.manifest, setup: substitute(tutorial.manifest.setup, vars) },
    seed,
    vars,
    steps: tutorial.steps.map(({ front, needs, blocks }) => ({
      front: substitute(front, vars),
      needs,
      blocks: blocks.map((block) =>
        block.kind === 'html' ? { ...block, html: substituteText(block.html, vars, escapeHtml) } : substitute(block, vars),
      ),
    })),
    files: tutorial.seed.map(({ path, text }) => ({ path: substituteText(path, vars), text: substituteText(text, vars) })),
  };
}
