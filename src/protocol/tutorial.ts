/**
 * The format of a tutorial: `tutorials/ID/tutorial.yaml`, the front matter of `tutorials/ID/steps/NN-STEP.md`, and how the step is tried in
 * `tutorials/ID/steps/NN-STEP.trials.yaml`. The schemas are the single source; unknown keys are errors. What parses them names the file and the path of what
 * is wrong.
 */
import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import { factSchema, predicateSchema } from './tutorial-check.ts';

const id = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words with hyphens');
/**
 * Where a step stands: not open yet, open, being worked on, passed and still in view, only shown, done by the learner. What was shown stays shown until the
 * learner does it.
 */
export type StepState = 'locked' | 'ready' | 'active' | 'passed' | 'shown' | 'done';
/** What came of a step: nothing yet, the learner saw it done, or did it. */
export type StepOutcome = 'open' | 'shown' | 'done';

/** What a playground may have or lack. */
export const capabilities = [
  'engine',
  'volumes',
  'ports',
  'build',
  'registry',
  'compose',
  'kernel.userns',
  'gpu.sim',
  'runner.remote',
] as const;
export type Capability = (typeof capabilities)[number];

const variableSchema = z.union([
  z.strictObject({
    pick: z
      .array(z.union([z.string().min(1), z.number()]))
      .min(2)
      .describe('One of these, another one for each attempt.'),
  }),
  z.strictObject({ hex: z.number().int().min(1).max(64).describe('This many random hexadecimal digits.') }),
]);
export type TutorialVariable = z.infer<typeof variableSchema>;

const tutorialManifestSchema = z.strictObject({
  id: id.describe('The name of the folder. Never changes: progress and links use it.'),
  version: z.number().int().min(1).describe('Raised when a check changes.'),
  title: z.string().min(1).describe('Title.'),
  summary: z.string().min(1).describe('One sentence.'),
  learned: z.array(z.string().min(1)).min(1).describe('What one can do afterwards, a sentence each; said at the end.'),
  track: z.enum(['use', 'build', 'data', 'inside', 'work']).describe('Where it belongs.'),
  level: z.number().int().min(1).max(4).describe('1 is for beginners.'),
  minutes: z.number().int().min(1).describe('About how long it takes.'),
  needs: z.array(id).describe('Tutorials that come before.'),
  requires: z.array(z.enum(capabilities)).describe('What the playground must have; without it the tutorial is listed and locked.'),
  images: z.array(z.string().min(1)).describe('Images it uses; all are shipped.'),
  vars: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'an upper-case name'), variableSchema)
    .default({})
    .describe('Values that differ for each attempt, used as ${NAME}.'),
  terminals: z.number().int().min(1).max(4).describe('How many terminals it needs.'),
  steps: z.array(id).min(1).describe('Ids of the steps in their order.'),
});
export type TutorialManifest = z.infer<typeof tutorialManifestSchema>;

const common = {
  terminal: z.number().int().min(1).max(4).optional().describe('Which terminal; 1 unless given.'),
  caption: z.string().min(1).optional().describe('What show me says while it does this.'),
  optional: z.string().min(1).optional().describe('Of a solution: why the step passes without this line too.'),
};
const keyNames = ['Enter', 'Tab', 'Escape', 'C-c', 'C-d', 'C-p', 'C-q', 'C-z', 'C-l'] as const;
export type KeyName = (typeof keyNames)[number];

const directiveSchema = z.union([
  z.strictObject({ run: z.string().min(1).describe('A line, then Enter; waits until a shell asks for the next one.'), ...common }),
  z.strictObject({ type: z.string().min(1).describe('Keys without waiting; a line break is Enter.'), ...common }),
  z.strictObject({ keys: z.array(z.enum(keyNames)).min(1).describe('Special keys; waits for a shell afterwards.'), ...common }),
  z.strictObject({ wait: predicateSchema.describe('Waits until this holds.'), ...common }),
  z.strictObject({
    edit: z
      .strictObject({
        path: z.string().startsWith('/').describe('Absolute path in the guest.'),
        contents: z.string().describe('The whole new text.'),
      })
      .describe('Writes a file as the editor does.'),
    ...common,
  }),
  z.strictObject({
    answer: z
      .union([
        z.strictObject({ fact: factSchema.describe('Answers with this fact.') }),
        z.strictObject({ text: z.string().describe('Answers with this text; only where an answer must be refused.') }),
      ])
      .describe('Gives an answer.'),
    ...common,
  }),
]);
export type Directive = z.infer<typeof directiveSchema>;

const lineSchema = z.union([
  z
    .string()
    .min(1)
    .transform((run): Directive => ({ run })),
  directiveSchema,
]);

const hintSchema = z
  .strictObject({
    when: predicateSchema.optional().describe('Given while this holds; the first that holds wins.'),
    after: z
      .string()
      .regex(/^\d+(ms|s|m)$/)
      .optional()
      .describe('Given this long after the step was entered, when no `when` holds.'),
    say: z.string().min(1).describe('What is wrong or missing, never the command.'),
  })
  .refine((hint) => (hint.when === undefined) !== (hint.after === undefined), 'a hint has either when or after');
export type Hint = z.infer<typeof hintSchema>;

const stepSchema = z
  .strictObject({
    id: id.describe('The file name without number and ending. Never changes.'),
    title: z.string().min(1).describe('Title.'),
    kind: z
      .enum(['do', 'look', 'answer', 'fix'])
      .describe('do: commands; look: nothing is checked but what was asked for; answer: has a question; fix: only the goal is shown.'),
    needs: z.array(id).optional().describe('Steps whose outcome this one uses; the step before unless given.'),
    was: predicateSchema.optional().describe('What must hold already when the step is entered.'),
    question: z
      .strictObject({
        label: z.string().min(1).describe('The question at the input box.'),
        placeholder: z.string().optional().describe('What an answer looks like.'),
      })
      .optional()
      .describe('For kind answer.'),
    check: predicateSchema.describe('What must hold for the step to be passed.'),
    hints: z.record(id, hintSchema).default({}).describe('Help by name, in order.'),
    solution: z.array(directiveSchema).min(1).describe('What show me types, and what must pass the check.'),
  })
  .refine((step) => (step.kind === 'answer') === (step.question !== undefined), {
    message: 'kind answer and question go together',
    path: ['question'],
  });
export type StepFrontMatter = z.infer<typeof stepSchema>;

const trialsSchema = z.strictObject({
  accept: z.record(id, z.array(lineSchema).min(1)).default({}).describe('Other ways that must pass too, by name.'),
  reject: z
    .record(
      id,
      z.strictObject({
        run: z.array(lineSchema).min(1).describe('Lines or directives.'),
        hint: id.optional().describe('Name of the hint that it must raise.'),
      }),
    )
    .default({})
    .describe('Near misses that must not pass, by name.'),
});
export type StepTrials = z.infer<typeof trialsSchema>;

/** What is kept of a learner's way through a tutorial. */
export interface TutorialProgress {
  readonly tutorial: string;
  /** Of the tutorial it belongs to. */
  readonly version: number;
  /** Of the variables. */
  readonly seed: string;
  readonly steps: Readonly<Record<string, StepState>>;
}

function parse<T extends z.ZodType>(schema: T, value: unknown, file: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const found = result.error.issues.flatMap((issue) => explain(issue, issue.path));
  throw new AppError('invalid', found.map(({ path, message }) => `${file}: ${path}: ${message}`).join('\n'));
}

interface Complaint {
  readonly path: string;
  readonly message: string;
  readonly depth: number;
}

/** Of a union, what the alternative says that got furthest into the value. */
function explain(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): Complaint[] {
  if (issue.code !== 'invalid_union') return [{ path: pathText(at), message: issue.message, depth: at.length }];
  const alternatives = issue.errors.map((errors) => errors.flatMap((inner) => explain(inner, [...at, ...inner.path])));
  const typed = alternatives.filter((complaints) =>
    complaints.every(({ depth, message }) => depth > at.length || !message.startsWith('Invalid input: expected')),
  );
  const best = (typed.length > 0 ? typed : alternatives).toSorted((a, b) => a.length - b.length)[0];
  return best === undefined || best.length === 0 ? [{ path: pathText(at), message: issue.message, depth: at.length }] : best;
}

const pathText = (path: readonly PropertyKey[]): string => (path.length === 0 ? '(top)' : path.map(String).join('.'));

/** @throws AppError `invalid` with one line `file: path: message` for each thing wrong */
export const parseTutorialManifest = (value: unknown, file: string): TutorialManifest => parse(tutorialManifestSchema, value, file);
/** @throws AppError `invalid` with one line `file: path: message` for each thing wrong */
export const parseStepTrials = (value: unknown, file: string): StepTrials => parse(trialsSchema, value, file);
/** @throws AppError `invalid` with one line `file: path: message` for each thing wrong */
export const parseStepFrontMatter = (value: unknown, file: string): StepFrontMatter => parse(stepSchema, value, file);
