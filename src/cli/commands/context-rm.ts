import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { defaultName } from '../contexts/store.ts';
import { StatusError, messageOf } from '../errors.ts';
import { full } from '../flags/support.ts';

export const contextRm: Command = {
  use: 'rm CONTEXT [CONTEXT...]',
  short: 'Remove one or more contexts',
  aliases: ['remove'],
  spellings: 'docker context rm, docker context remove',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Force the removal of a context in use', full);
    return async (context, names) => {
      const current = await context.contexts.current();
      const failures: string[] = [];
      for (const name of names) {
        try {
          await removeContext(context, name, { isCurrent: name === current, force: force.value });
          await context.out(`${name}\n`);
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
    };
  },
};

async function removeContext(
  { contexts }: CliContext,
  name: string,
  { isCurrent, force }: { readonly isCurrent: boolean; readonly force: boolean },
): Promise<void> {
  if (name === defaultName) throw new StatusError(1, `context "${defaultName}" cannot be removed`);
  if (!force && (await contexts.store.find(name)) === undefined) throw new StatusError(1, `context "${name}" does not exist`);
  if (isCurrent && !force) throw new StatusError(1, `context "${name}" is in use, set -f flag to force remove`);
  if (isCurrent) await contexts.config.setCurrentContext('');
  await contexts.store.remove(name);
}
