import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import type { Filters } from './backend.ts';

/** Newer clients send maps of maps, docker-py and older ones maps of lists; a map's values do not matter (moby: api/types/filters). */
const filtersSchema = z
  .record(
    z.string(),
    z
      .union([z.array(z.string()), z.record(z.string(), z.boolean()).transform((values) => Object.keys(values))])
      .nullable()
      .transform((values) => values ?? []),
  )
  .nullable()
  .transform((filters) => filters ?? {});

/** @param known names this endpoint takes; any when absent @throws AppError invalid */
export function parseFilters(text: string, known?: readonly string[]): Filters {
  if (text === '') return {};
  const parsed = filtersSchema.safeParse(json(text));
  if (!parsed.success) throw new AppError('invalid', 'invalid filter');
  for (const name of Object.keys(parsed.data)) {
    if (known !== undefined && !known.includes(name)) throw new AppError('invalid', `invalid filter '${name}'`);
  }
  return parsed.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new AppError('invalid', 'invalid filter', { cause: thrown });
  }
}
