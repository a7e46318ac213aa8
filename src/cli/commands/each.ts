import { containerPath, type Query } from '../client/engine-client.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';

/**
 * Does one thing to many objects at once. In the order they were given, and as soon as it is known, prints the names it worked for; fails
 * with what went wrong.
 * @param isTolerable errors that are shown and forgotten
 */
export async function forEach(
  context: CliContext,
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
  isTolerable: (error: unknown) => boolean = () => false,
): Promise<void> {
  const failures: string[] = [];
  const outcomes = names.map((name) =>
    Promise.resolve(name)
      .then(action)
      .then(() => null, asFailure),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const failure = await outcome;
    if (failure === null) await context.out(`${names[index] ?? ''}\n`);
    else if (isTolerable(failure.error)) await context.err(`${messageOf(failure.error)}\n`);
    else failures.push(messageOf(failure.error));
  }
  if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
}

/** POST /containers/NAME/verb for each. */
export function postToEach(context: CliContext, names: readonly string[], verb: string, query: Query = {}): Promise<void> {
  return forEach(context, names, (name) => context.client.call('POST', `${containerPath(name)}/${verb}`, { query }));
}

function asFailure(error: unknown): { readonly error: unknown } {
  return { error };
}
