import type { Capability } from '../../protocol/tutorial.ts';
import type { TutorialSummary } from '../../tutorial/index.ts';

export const tracks = ['use', 'build', 'data', 'inside', 'work'] as const;

export interface CatalogueEntry extends TutorialSummary {
  /** What it requires and this playground lacks: then it cannot be opened. */
  readonly lacks: readonly Capability[];
}

/** In the order in which they are learnt, locked where the playground lacks something. */
export const entriesOf = (summaries: readonly TutorialSummary[], available: ReadonlySet<Capability>): readonly CatalogueEntry[] =>
  summaries
    .map((summary) => ({ ...summary, lacks: summary.requires.filter((capability) => !available.has(capability)) }))
    .toSorted((a, b) => rank(a) - rank(b));

/** The next one after a tutorial that can be opened. */
export const followingIn = (entries: readonly CatalogueEntry[], id: string): CatalogueEntry | undefined =>
  entries.slice(entries.findIndex((entry) => entry.id === id) + 1).find(({ lacks }) => lacks.length === 0);

/** By track and level, each after what it needs. */
const rank = ({ track, level, needs }: TutorialSummary): number => tracks.indexOf(track) * 1000 + level * 100 + needs.length;
