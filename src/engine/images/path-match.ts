import { AppError } from '../../base/errors.ts';
import { familiarName, familiarString, type Reference } from './reference.ts';

/** distribution/reference FamiliarMatch: against the name with or without its tag. @throws AppError invalid */
export function familiarMatch(pattern: string, reference: Reference): boolean {
  const expression = globExpression(pattern);
  return expression.test(familiarString(reference)) || expression.test(familiarName(reference));
}

/** Go's path.Match: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]`, backslash takes the next character as it is. */
function globExpression(pattern: string): RegExp {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index] ?? '';
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = classEnd(pattern, index);
      source += classSource(pattern.slice(index + 1, end));
      index = end;
    } else if (char === '\\') {
      index += 1;
      if (index >= pattern.length) throw badPattern();
      source += literal(pattern[index] ?? '');
    } else source += literal(char);
  }
  return new RegExp(`^${source}$`, 's');
}

function classEnd(pattern: string, start: number): number {
  for (let index = start + 1; index < pattern.length; index += 1) {
    if (pattern[index] === '\\') index += 1;
    else if (pattern[index] === ']' && index > start + 1) return index;
  }
  throw badPattern();
}

function classSource(inside: string): string {
  const negated = inside.startsWith('^');
  const body = (negated ? inside.slice(1) : inside).replace(
    /\\(.)|([\][^])/gs,
    (_, escaped: string | undefined, plain: string | undefined) => `\\${escaped ?? plain ?? ''}`,
  );
  if (body === '') throw badPattern();
  return `[${negated ? '^' : ''}${body}]`;
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function badPattern(): AppError {
  return new AppError('invalid', 'syntax error in pattern');
}
