import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { full } from '../flags/support.ts';

export const rename: Command = {
  use: 'rename CONTAINER NEW_NAME',
  short: 'Rename a container',
  spellings: 'docker container rename, docker rename',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup:
    () =>
    async (context, [container = '', name = '']) => {
      const oldName = container.trim();
      const newName = name.trim();
      if (oldName === '' || newName === '') throw new StatusError(1, 'Error: Neither old nor new names may be empty');
      try {
        await context.client.call('POST', `${containerPath(oldName)}/rename`, { query: { name: newName } });
      } catch (error) {
        await context.err(`${messageOf(error)}\n`);
        throw new StatusError(1, `Error: failed to rename container named ${oldName}`);
      }
    },
};
