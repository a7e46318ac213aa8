import { objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { messageOf, StatusError } from '../errors.ts';

export const volumeRm: Command = {
  use: 'rm [OPTIONS] VOLUME [VOLUME...]',
  short: 'Remove one or more volumes',
  long: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
  aliases: ['remove'],
  spellings: 'docker volume rm, docker volume remove',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Force the removal of one or more volumes', full);
    return async (context, names) => {
      const failures: string[] = [];
      for (const name of names) {
        try {
          await context.client.call('DELETE', objectPath('volume', name), { query: { force: force.value ? '1' : undefined } });
          await context.out(`${name}\n`);
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
    };
  },
};
