import { z } from 'zod';
import { leafNames, type Predicate } from '../predicates/registry.ts';
import { leafShape } from '../predicates/schemas.ts';
import { lazily } from './lazily.ts';
import { duration } from './matcher.ts';

const keys = [...leafNames, 'all', 'any', 'not'] as const;

/** What a tutorial may ask of facts: the predicates of `check`, `was`, hints and `wait`. Unknown keys are errors. */
export const predicate: () => z.ZodType<Predicate> = /* @__PURE__ */ lazily(() => z.lazy(node).meta({ id: 'predicate' }));

const node = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      ...leafShape(),
      all: z.array(predicate()).min(1).optional().describe('All of these hold together.'),
      any: z.array(predicate()).min(1).optional().describe('At least one of these holds.'),
      not: predicate().optional().describe('This does not hold.'),
      for: duration().optional().describe('The predicate beside it holds for this long without a break.'),
      since: z
        .enum(['entry', 'tutorial'])
        .optional()
        .describe('From where the log is read: the entry of the step (unless given) or the start of the tutorial.'),
    })
    .refine((asked) => keys.filter((key) => asked[key] !== undefined).length === 1, `exactly one of ${keys.join(', ')}`),
);
