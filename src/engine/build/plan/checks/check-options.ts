import { AppError, toAppError } from '../../../../base/errors.ts';
import { goQuote } from '../../../../grammar/go-quote.ts';
import { parseBool } from '../../../../grammar/strconv.ts';

export interface CheckOptions {
  /** Names of rules; those that there are not say nothing. */
  readonly skips: 'all' | readonly string[];
  readonly experimental: 'all' | readonly string[];
  /** A warning is an error. */
  readonly isError: boolean;
}

/** "skip=A,B;error=true" (moby/buildkit: frontend/dockerfile/linter, ParseLintOptions). @throws AppError invalid */
export function readCheckOptions(text: string): CheckOptions {
  const found: { skips: CheckOptions['skips']; experimental: CheckOptions['experimental']; isError: boolean } = {
    skips: [],
    experimental: [],
    isError: false,
  };
  if (text === '') return found;
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    // Blanks behind a name make it another one.
    const key = equals < 0 ? '' : part.slice(0, equals).trimStart();
    const value = part.slice(equals + 1).trim();
    if (key === 'skip') found.skips = rulesOf(value);
    else if (key === 'experimental') found.experimental = rulesOf(value);
    else if (key === 'error') found.isError = flag(part, value);
    else throw refused(`invalid check option ${goQuote((part.split('=', 1)[0] ?? '').trim())}`);
  }
  return found;
}

function rulesOf(value: string): 'all' | readonly string[] {
  return value === 'all' ? 'all' : value.split(',').map((rule) => rule.trim());
}

function flag(part: string, value: string): boolean {
  try {
    return parseBool(value);
  } catch (thrown) {
    throw refused(`failed to parse check option ${goQuote(part)}: ${toAppError(thrown).message}`);
  }
}

function refused(why: string): AppError {
  return new AppError('invalid', `failed to parse check options: ${why}`);
}
