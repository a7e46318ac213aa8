/** How a step is tried: `tutorials/ID/steps/NN-STEP.trials.yaml`. */
import { z } from 'zod';
import { line } from './directive.ts';
import { id } from './id.ts';
import { lazily } from './lazily.ts';

export const trialsSchema = /* @__PURE__ */ lazily(() =>
  z.strictObject({
    accept: z.record(id(), z.array(line()).min(1)).default({}).describe('Other ways that must pass too, by name.'),
    reject: z
      .record(
        id(),
        z.strictObject({
          run: z.array(line()).min(1).describe('Lines or directives.'),
          hint: id().optional().describe('Name of the hint that it must raise.'),
        }),
      )
      .default({})
      .describe('Near misses that must not pass, by name.'),
  }),
);
export type StepTrials = z.infer<ReturnType<typeof trialsSchema>>;
