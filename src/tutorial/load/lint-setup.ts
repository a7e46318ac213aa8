import type { TutorialManifest } from '../format/manifest.ts';
import type { SetupOperation } from '../format/setup.ts';
import { normaliseReference } from '../references.ts';

/** What the schema cannot see of a setup: a line `path: message` for each thing wrong. @param before operations that were carried out earlier */
export function lintSetup(
  operations: readonly SetupOperation[],
  { images }: TutorialManifest,
  before: readonly SetupOperation[] = [],
): string[] {
  const known = new Set(images.map((image) => normaliseReference(image)));
  const isKnown = (image: string): boolean => image.includes('${') || known.has(normaliseReference(image));
  const created = new Set(before.flatMap((operation) => ('create' in operation ? [operation.create.name] : [])));
  const problems: string[] = [];
  for (const [index, operation] of operations.entries()) {
    const image = 'pull' in operation ? operation.pull : 'create' in operation ? operation.create.image : undefined;
    if (image !== undefined && !isKnown(image)) problems.push(`setup.${index}: the image ${image} is not among images`);
    if ('create' in operation) {
      if (operations.findIndex((other) => 'create' in other && other.create.name === operation.create.name) !== index)
        problems.push(`setup.${index}: ${operation.create.name} is created twice`);
      created.add(operation.create.name);
    }
    if ('start' in operation && !created.has(operation.start)) problems.push(`setup.${index}: no setup creates ${operation.start} before`);
  }
  return problems;
}
