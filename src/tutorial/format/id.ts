import { z } from 'zod';
import { lazily } from './lazily.ts';

/** What steps, hints and trials are called. */
export const id = /* @__PURE__ */ lazily(() =>
  z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words with hyphens')
    .meta({ id: 'id' }),
);
