import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';

/** Does one thing to many objects at once; prints the names it worked for and fails with what went wrong, in the order they were given. */
export async function forEach(context: CliContext, names: readonly string[], action: (name: string) => Promise<unknown>): Promise<void> {
  const failures = await collectFailures(context, names, action);
  if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
}

/** As `forEach`, for callers who say themselves what a failure means. */
export async function collectFailures(
  context: CliContext,
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
): Promise<readonly string[]> {
  const results = await Promise.allSettled(names.map((name) => action(name)));
  const failures: string[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') failures.push(messageOf(result.reason));
    else await context.out(`${names[index] ?? ''}\n`);
  }
  return failures;
}
