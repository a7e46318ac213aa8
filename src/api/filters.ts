import { AppError } from '../base/errors.ts';
import { toRecord } from '../base/record.ts';
import type { Filters } from './backend.ts';

/**
 * Newer clients send maps of maps, docker-py and older ones maps of lists; a map's values do not matter (moby: api/types/filters).
 * @param known names this endpoint takes; any when absent @throws AppError invalid
 */
export function parseFilters(text: string, known?: readonly string[]): Filters {
  if (text === '') return {};
  const filters = json(text);
  if (filters === null) return {};
  const entries = Object.entries(objectOf(filters)).map(([name, values]) => [name, valuesOf(values)] as const);
  const parsed = toRecord(entries);
  if (known !== undefined) checkFilterNames(parsed, known);
  return parsed;
}

/** @throws AppError invalid */
export function checkFilterNames(filters: Filters, known: readonly string[]): void {
  for (const name of Object.keys(filters)) if (!known.includes(name)) throw new AppError('invalid', `invalid filter '${name}'`);
}

const booleans = ['1', 'true', '0', 'false'];

/** A filter that is true or false: one value, or several that say the same (moby: api/types/filters, GetBoolOrDefault). @throws AppError invalid */
export function checkBoolean(filters: Filters, name: string): void {
  const values = filters[name] ?? [];
  const says = new Set(values.map((value) => booleans.indexOf(value) < 2));
  if (values.length === 0 || (values.every((value) => booleans.includes(value)) && says.size === 1)) return;
  throw new AppError('invalid', `invalid filter '${name}=[${values.join(' ')}]'`);
}

function valuesOf(values: unknown): readonly string[] {
  if (values === null) return [];
  if (Array.isArray(values)) return values.map(textOf);
  const flags = Object.entries(objectOf(values));
  if (flags.some(([, flag]) => typeof flag !== 'boolean')) throw invalid();
  return flags.map(([value]) => value);
}

function objectOf(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw invalid();
  return value;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw invalid(thrown);
  }
}

function invalid(cause?: unknown): AppError {
  return new AppError('invalid', 'invalid filter', { cause });
}
