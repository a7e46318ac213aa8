import { DaemonError, objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { full } from '../flags/support.ts';

export const networkRm: Command = {
  use: 'rm NETWORK [NETWORK...]',
  short: 'Remove one or more networks',
  aliases: ['remove'],
  spellings: 'docker network rm, docker network remove',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not error if the network does not exist', full);
    return async (context, names) => {
      let failed = false;
      for (const name of names) {
        try {
          // The real client looks first, to ask about a swarm's ingress network; there is none here.
          await context.client.get(objectPath('network', name)).catch(() => undefined);
          await context.client.call('DELETE', objectPath('network', name));
          await context.out(`${name}\n`);
        } catch (error) {
          if (force.value && error instanceof DaemonError && error.kind === 'not_found') continue;
          failed = true;
          await context.err(`${messageOf(error)}\n`);
        }
      }
      if (failed) throw new StatusError(1, 'exit status 1');
    };
  },
};
