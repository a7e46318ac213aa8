import type { TutorialManifest } from '../format/manifest.ts';
import type { SetupContainer, SetupOperation } from '../format/setup.ts';
import { normaliseReference } from '../references.ts';

/** What the schema cannot see of a setup: a line `path: message` for each thing wrong. @param before operations that were carried out earlier */
export function lintSetup(
  operations: readonly SetupOperation[],
  { images }: TutorialManifest,
  before: readonly SetupOperation[] = [],
): string[] {
  const known = new Set(images.map((image) => normaliseReference(image)));
  const isKnown = (image: string): boolean => image.includes('${') || known.has(normaliseReference(image));
  const there = new Set(before.flatMap((operation) => containerOf(operation)?.name ?? []));
  const created = new Set(there);
  const problems: string[] = [];
  for (const [index, operation] of operations.entries()) {
    const container = containerOf(operation);
    const image = 'pull' in operation ? operation.pull : container?.image;
    if (image !== undefined && !isKnown(image)) problems.push(`setup.${index}: the image ${image} is not among images`);
    if (container !== undefined) {
      if (operations.findIndex((other) => containerOf(other)?.name === container.name) !== index)
        problems.push(`setup.${index}: ${container.name} is created twice`);
      created.add(container.name);
    }
    if ('create' in operation && typeof operation.create === 'string' && !there.has(operation.create))
      problems.push(`setup.${index}: the tutorial's setup creates no ${operation.create}`);
    if ('start' in operation && !created.has(operation.start)) problems.push(`setup.${index}: no setup creates ${operation.start} before`);
  }
  return problems;
}

const containerOf = (operation: SetupOperation): SetupContainer | undefined =>
  'create' in operation && typeof operation.create !== 'string' ? operation.create : undefined;
