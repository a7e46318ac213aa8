import type { Block } from './prose.ts';
import type { Predicate } from '../predicates/registry.ts';
import type { StepFrontMatter } from '../format/step.ts';
import type { StepTrials } from '../format/trials.ts';
import type { TutorialManifest } from '../format/manifest.ts';

/** A tutorial as its folder has it, checked and made ready to be shown; `${NAME}` still stands in it. It is JSON: the build puts it into a chunk. */
export interface Tutorial {
  readonly manifest: TutorialManifest;
  readonly steps: readonly TutorialStep[];
  /** Files for the guest, below /lab. */
  readonly seed: readonly SeedFile[];
}

export interface TutorialStep {
  readonly front: StepFrontMatter;
  /** Ids of the steps it needs, the default put in. */
  readonly needs: readonly string[];
  readonly blocks: readonly Block[];
}

/** What a catalogue says of a tutorial before it is opened. */
export interface TutorialSummary extends Pick<
  TutorialManifest,
  'id' | 'title' | 'summary' | 'track' | 'level' | 'minutes' | 'needs' | 'requires'
> {
  readonly steps: readonly { readonly id: string; readonly title: string }[];
}

export const summaryOf = ({ manifest, steps }: Tutorial): TutorialSummary => {
  const { id, title, summary, track, level, minutes, needs, requires } = manifest;
  return {
    id,
    title,
    summary,
    track,
    level,
    minutes,
    needs,
    requires,
    steps: steps.map(({ front }) => ({ id: front.id, title: front.title })),
  };
};

export interface LoadedTutorial {
  readonly tutorial: Tutorial;
  /** How each step is tried, by its id; no part of what is shown. */
  readonly trials: Readonly<Record<string, StepTrials>>;
}

/** A folder that is no tutorial. */
export interface BrokenTutorial {
  /** The folder's name. */
  readonly id: string;
  /** A line `file: path: message` for each thing wrong. */
  readonly problems: readonly string[];
}

/** What a step is judged by. */
export function predicatesOf({ check, was, hints }: StepFrontMatter): readonly Predicate[] {
  return [check, was, ...Object.values(hints).map(({ when }) => when)].filter((predicate) => predicate !== undefined);
}

export interface SeedFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly text: string;
}
