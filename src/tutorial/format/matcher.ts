/**
 * How a value is asked for. Quantities may be written with units ("64M"), durations as "2s"; both are read where they are compared, because `${NAME}` is
 * substituted after parsing.
 */
import { z } from 'zod';
import { lazily } from './lazily.ts';

const scalar = /* @__PURE__ */ lazily(() =>
  z
    .union([z.string(), z.number(), z.boolean()])
    .describe('A value: text, number or boolean; "64M" equals 67108864 in a field of bytes.')
    .meta({ id: 'value' }),
);

/** One relation, or several that must all hold. */
const relation = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      not: scalar().optional().describe('Anything but this value.'),
      'one-of': z.array(scalar()).min(1).optional().describe('One of these values.'),
      'at-least': scalar().optional().describe('A number or quantity that is not smaller.'),
      'at-most': scalar().optional().describe('A number or quantity that is not larger.'),
      'more-than': scalar().optional().describe('A larger number or quantity.'),
      'less-than': scalar().optional().describe('A smaller number or quantity.'),
      contains: scalar().optional().describe('Text with this part, or a list with this element.'),
      'prefix-of': z.string().min(1).optional().describe('A prefix of this text.'),
      'same-as': z
        .string()
        .min(1)
        .optional()
        .describe(
          'The same field of "entry" (this object when the step was entered), "host", or "container:NAME", "image:NAME", "network:NAME".',
        ),
      'differs-from': z.string().min(1).optional().describe('As same-as, and the two must differ.'),
    })
    .refine((words) => Object.values(words).some((value) => value !== undefined), 'a relation needs at least one of its words')
    .meta({ id: 'relation' }),
);

/** A value that must be equal, or relations. */
export const matcher = /* @__PURE__ */ lazily(() => z.union([scalar(), relation()]).meta({ id: 'matcher' }));
export type Scalar = z.infer<ReturnType<typeof scalar>>;
export type Relation = z.infer<ReturnType<typeof relation>>;
export type Matcher = z.infer<ReturnType<typeof matcher>>;

export const matcherMap = /* @__PURE__ */ lazily(() => z.record(z.string().min(1), matcher()));
export const duration = /* @__PURE__ */ lazily(() => z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'a duration such as 500ms, 2s or 1m'));
/** The `for` of a predicate. */
export const held = /* @__PURE__ */ lazily(() => duration().optional().describe('How long it must hold without a break before it counts.'));
