/** What is done at the keyboard, in the editor and with the answer box. */
import { z } from 'zod';
import { fact } from '../predicates/answer.ts';
import { lazily } from './lazily.ts';
import { predicate } from './predicate.ts';

const common = /* @__PURE__ */ lazily(() => ({
  terminal: z.number().int().min(1).max(4).optional().describe('Which terminal; 1 unless given.'),
  caption: z.string().min(1).optional().describe('What show me says while it does this.'),
  optional: z.string().min(1).optional().describe('Of a solution: why the step passes without this line too.'),
}));
const keyNames = ['Enter', 'Tab', 'Escape', 'C-c', 'C-d', 'C-p', 'C-q', 'C-z', 'C-l'] as const;
export type KeyName = (typeof keyNames)[number];

export const directive = /* @__PURE__ */ lazily(() =>
  z
    .union([
      z.strictObject({ run: z.string().min(1).describe('A line, then Enter; waits until a shell asks for the next one.'), ...common() }),
      z.strictObject({ type: z.string().min(1).describe('Keys without waiting; a line break is Enter.'), ...common() }),
      z.strictObject({ keys: z.array(z.enum(keyNames)).min(1).describe('Special keys; waits for a shell afterwards.'), ...common() }),
      z.strictObject({ wait: predicate().describe('Waits until this holds.'), ...common() }),
      z.strictObject({
        edit: z
          .strictObject({
            path: z.string().startsWith('/').describe('Absolute path in the guest.'),
            contents: z.string().describe('The whole new text.'),
          })
          .describe('Writes a file as the editor does.'),
        ...common(),
      }),
      z.strictObject({
        answer: z
          .union([
            z.strictObject({ fact: fact().describe('Answers with this fact.') }),
            z.strictObject({ text: z.string().describe('Answers with this text; only where an answer must be refused.') }),
          ])
          .describe('Gives an answer.'),
        ...common(),
      }),
    ])
    .meta({ id: 'directive' }),
);
export type Directive = z.infer<ReturnType<typeof directive>>;

/** A directive, or only the line to run. */
export const line = /* @__PURE__ */ lazily(() =>
  z.union([
    z
      .string()
      .min(1)
      .transform((run): Directive => ({ run })),
    directive(),
  ]),
);
