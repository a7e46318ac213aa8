import { broken, loaders, summaries } from 'virtual:tutorials';
import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { Capability } from '../../protocol/tutorial.ts';
import type { BrokenTutorial, Tutorial, TutorialSummary } from '../../tutorial/index.ts';

/** What this playground has, of what a tutorial may require. */
const available: ReadonlySet<Capability> = new Set<Capability>(['engine']);

export const tracks = ['use', 'build', 'data', 'inside', 'work'] as const;

export interface CatalogueEntry extends TutorialSummary {
  /** What it requires and this playground lacks: then it cannot be opened. */
  readonly lacks: readonly Capability[];
}

/** The tutorials that come with the page, in the order in which they are learnt. */
export const catalogue: readonly CatalogueEntry[] = summaries
  .map((summary) => ({ ...summary, lacks: summary.requires.filter((capability) => !available.has(capability)) }))
  .toSorted((a, b) => rank(a) - rank(b));

/** What comes after a tutorial: the next one that can be opened. */
export function following(id: string): CatalogueEntry | undefined {
  return catalogue.slice(catalogue.findIndex((entry) => entry.id === id) + 1).find(({ lacks }) => lacks.length === 0);
}

/** Folders that are no tutorials; only somebody who writes one sees them. */
export const brokenTutorials: readonly BrokenTutorial[] = broken;

/** By track and level, each after what it needs. */
function rank({ track, level, needs }: TutorialSummary): number {
  return tracks.indexOf(track) * 1000 + level * 100 + needs.length;
}

/** @throws AppError `not_found` */
export async function loadTutorial(id: string): Promise<Tutorial> {
  const load = ownValue(loaders, id);
  if (load === undefined) throw new AppError('not_found', `there is no tutorial ${id}`);
  return load();
}
