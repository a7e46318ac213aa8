/** `tutorials/ID/tutorial.yaml`. */
import { z } from 'zod';
import { capabilities } from '../../protocol/tutorial.ts';
import { id } from './id.ts';
import { lazily } from './lazily.ts';
import { setup } from './setup.ts';

const variable = /* @__PURE__ */ lazily(() =>
  z.union([
    z.strictObject({
      pick: z
        .array(z.union([z.string().min(1), z.number()]))
        .min(2)
        .describe('One of these, another one for each attempt.'),
    }),
    z.strictObject({ hex: z.number().int().min(1).max(64).describe('This many random hexadecimal digits.') }),
  ]),
);
export type TutorialVariable = z.infer<ReturnType<typeof variable>>;

export const manifestSchema = /* @__PURE__ */ lazily(() =>
  z.strictObject({
    id: id().describe('The name of the folder. Never changes: progress and links use it.'),
    version: z.number().int().min(1).describe('Raised when a check changes.'),
    title: z.string().min(1).describe('Title.'),
    summary: z.string().min(1).describe('One sentence.'),
    learned: z.array(z.string().min(1)).min(1).describe('What one can do afterwards, a sentence each; said at the end.'),
    track: z.enum(['use', 'build', 'data', 'inside', 'work']).describe('Where it belongs.'),
    level: z.number().int().min(1).max(4).describe('1 is for beginners.'),
    minutes: z.number().int().min(1).describe('About how long it takes.'),
    needs: z.array(id()).describe('Tutorials that come before.'),
    requires: z.array(z.enum(capabilities)).describe('What the playground must have; without it the tutorial is listed and locked.'),
    images: z.array(z.string().min(1)).describe('Images it uses; all are shipped.'),
    vars: z
      .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'an upper-case name'), variable())
      .default({})
      .describe('Values that differ for each attempt, used as ${NAME}.'),
    setup: setup().describe('What is there before the first step, and again after starting over.'),
    terminals: z.number().int().min(1).max(4).describe('How many terminals it needs.'),
    steps: z.array(id()).min(1).describe('Ids of the steps in their order.'),
  }),
);
export type TutorialManifest = z.infer<ReturnType<typeof manifestSchema>>;
