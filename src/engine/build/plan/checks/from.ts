import type { LineRange } from '../../../../grammar/dockerfile/parse-error.ts';
import type { Dockerfile } from '../../../../grammar/dockerfile/stages.ts';
import { parseReference } from '../../../../grammar/reference.ts';
import type { Scope } from '../scope.ts';
import type { Linter } from './linter.ts';
import { meant } from './suggest.ts';

interface Place {
  readonly lines: LineRange;
  readonly linter: Linter;
}

/** InvalidDefaultArgInFrom: the names of base images make sense without any `--build-arg`, too. @param globals those of the platform */
export function checkDefaultArguments({ globals: given, stages }: Dockerfile, globals: Scope, linter: Linter): void {
  const defaults = globals.copy();
  for (const { arguments: words } of given)
    for (const { key, value } of words) if (value !== null) expandQuietly(defaults, value, (found) => defaults.set(key, found));
  for (const { from } of stages) {
    let fits = false;
    expandQuietly(defaults, from.image, (name) => (fits = isName(name)));
    if (fits) continue;
    const detail = `Default value for ARG ${from.image} results in empty or invalid base image name`;
    linter.warn('InvalidDefaultArgInFrom', from.node.lines, detail);
  }
}

function expandQuietly(scope: Scope, word: string, use: (value: string) => void): void {
  try {
    use(scope.expand(word));
  } catch {
    // Whoever reads it for the build says what is wrong.
  }
}

function isName(name: string): boolean {
  try {
    parseReference(name);
    return true;
  } catch {
    return false;
  }
}

/** UndefinedArgInFrom. @param declared names that a FROM may use */
export function reportUndeclared(
  unmatched: ReadonlySet<string>,
  { declared, lines, linter }: Place & { readonly declared: readonly string[] },
): void {
  for (const name of unmatched) {
    if (declared.includes(name)) continue;
    linter.warn('UndefinedArgInFrom', lines, `FROM argument '${name}' is not declared${meant(name, declared)}`);
  }
}

/** RedundantTargetPlatform, FromPlatformFlagConstDisallowed. @param platform as written */
export function checkPlatformFlag(platform: string, { lines, linter }: Place): void {
  const [, braced, plain] = /^\$(?:\{(\w+)\}|(\w+))$/.exec(platform) ?? [];
  if ((braced ?? plain) === 'TARGETPLATFORM') {
    const why = 'in FROM is redundant as this is the default behavior';
    linter.warn('RedundantTargetPlatform', lines, `Setting platform to predefined ${platform} ${why}`);
  } else if (!platform.includes('$'))
    linter.warn('FromPlatformFlagConstDisallowed', lines, `FROM --platform flag should not use constant value "${platform}"`);
}
