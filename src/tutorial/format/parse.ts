import type { z } from 'zod';
import { AppError } from '../../base/errors.ts';

/** @throws AppError `invalid` with one line `file: path: message` for each thing wrong */
export function parse<T extends z.ZodType>(schema: T, value: unknown, file: string): z.output<T> {
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
