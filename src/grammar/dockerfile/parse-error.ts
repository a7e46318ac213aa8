import { AppError } from '../../base/errors.ts';

/** Lines of a Dockerfile, counted from 1, both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** A refusal with its place: `detail` has `line` and `endLine`. */
export function refusedAt({ start, end }: LineRange, message: string): AppError {
  return new AppError('invalid', message, { detail: { line: start, endLine: end } });
}

/** What BuildKit says of an instruction that makes no sense (frontend/dockerfile/instructions, parseError). */
export function instructionRefused(lines: LineRange, message: string): AppError {
  return refusedAt(lines, `dockerfile parse error on line ${lines.start}: ${message}`);
}
