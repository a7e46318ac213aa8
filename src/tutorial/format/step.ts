/** The front matter of `tutorials/ID/steps/NN-STEP.md`. */
import { z } from 'zod';
import { directive } from './directive.ts';
import { id } from './id.ts';
import { lazily } from './lazily.ts';
import { predicate } from './predicate.ts';
import { setup } from './setup.ts';

const hint = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      when: predicate().optional().describe('Given while this holds; the first that holds wins.'),
      after: z
        .string()
        .regex(/^\d+(ms|s|m)$/)
        .optional()
        .describe('Given this long after the step was entered, when no `when` holds.'),
      say: z.string().min(1).describe('What is wrong or missing, never the command.'),
    })
    .refine(({ when, after }) => (when === undefined) !== (after === undefined), 'a hint has either when or after'),
);
export type Hint = z.infer<ReturnType<typeof hint>>;

export const stepSchema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      id: id().describe('The file name without number and ending. Never changes.'),
      title: z.string().min(1).describe('Title.'),
      kind: z
        .enum(['do', 'look', 'answer', 'fix'])
        .describe('do: commands; look: nothing is checked but what was asked for; answer: has a question; fix: only the goal is shown.'),
      needs: z.array(id()).optional().describe('Steps whose outcome this one uses; the step before unless given.'),
      setup: setup().describe('What is there whenever this step is entered.'),
      was: predicate().optional().describe('What must hold already when the step is entered.'),
      question: z
        .strictObject({
          label: z.string().min(1).describe('The question at the input box.'),
          placeholder: z.string().optional().describe('What an answer looks like.'),
        })
        .optional()
        .describe('For kind answer.'),
      check: predicate().describe('What must hold for the step to be passed.'),
      hints: z.record(id(), hint()).default({}).describe('Help by name, in order.'),
      solution: z.array(directive()).min(1).describe('What show me types, and what must pass the check.'),
    })
    .refine((step) => (step.kind === 'answer') === (step.question !== undefined), {
      message: 'kind answer and question go together',
      path: ['question'],
    }),
);
export type StepFrontMatter = z.infer<ReturnType<typeof stepSchema>>;
