import { broken, loaders, summaries } from 'virtual:tutorials';
import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { Capability } from '../../protocol/tutorial.ts';
import type { BrokenTutorial, Tutorial } from '../../tutorial/index.ts';
import { entriesOf, followingIn, type CatalogueEntry } from './catalogue-entries.ts';

export { tracks, type CatalogueEntry } from './catalogue-entries.ts';

/** What this playground has, of what a tutorial may require. */
const available: ReadonlySet<Capability> = new Set<Capability>(['engine', 'volumes', 'networks', 'ports', 'kernel.userns']);

/** The tutorials that come with the page, in the order in which they are learnt. */
export const catalogue: readonly CatalogueEntry[] = entriesOf(summaries, available);

/** What comes after a tutorial: the next one that can be opened. */
export function following(id: string): CatalogueEntry | undefined {
  return followingIn(catalogue, id);
}

/** Folders that are no tutorials; only somebody who writes one sees them. */
export const brokenTutorials: readonly BrokenTutorial[] = broken;

/** @throws AppError `not_found` */
export async function loadTutorial(id: string): Promise<Tutorial> {
  const load = ownValue(loaders, id);
  if (load === undefined) throw new AppError('not_found', `there is no tutorial ${id}`);
  return load();
}
