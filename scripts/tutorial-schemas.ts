/**
 * `npx tsx scripts/tutorial-schemas.ts`: writes `tutorials/schema/*.schema.json`, the tutorial format as JSON Schema for editors, from the schemas that
 * tutorials are loaded by (src/tutorial/format).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { manifestSchema } from '../src/tutorial/format/manifest.ts';
import { stepSchema } from '../src/tutorial/format/step.ts';
import { trialsSchema } from '../src/tutorial/format/trials.ts';

export const schemaFolder = resolve(import.meta.dirname, '../tutorials/schema');

const schemas = {
  tutorial: { schema: manifestSchema, title: 'tutorials/ID/tutorial.yaml' },
  step: { schema: stepSchema, title: 'The front matter of tutorials/ID/steps/NN-STEP.md' },
  trials: { schema: trialsSchema, title: 'tutorials/ID/steps/NN-STEP.trials.yaml' },
};

/** Text of each file by its name. What an author writes is described, not what it becomes. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { schema, title }]) => {
      const { $schema, ...described } = z.toJSONSchema(schema(), { io: 'input', override: withoutOwnFormat });
      return [`${name}.schema.json`, `${JSON.stringify({ $schema, title, ...described }, null, 2)}\n`];
    }),
  );
}

/** zod names what JSON Schema has no format for, beside the pattern that says it. */
function withoutOwnFormat({ jsonSchema }: { readonly jsonSchema: { format?: string | undefined } }): void {
  if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(schemaFolder, { recursive: true });
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(schemaFolder, name), text);
}
