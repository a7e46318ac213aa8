import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { asCommandError, containerBody } from './container-body.ts';
import { declareContainerFlags } from './container-flags.ts';
import { createContainer, declareCreateFlags, withHelp } from './create-container.ts';

export const create: Command = {
  use: 'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create a new container',
  spellings: 'docker container create, docker create',
  arity: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  support: full,
  setup(flags) {
    const options = declareCreateFlags(flags, 'Pull image before creating ("always", "|missing", "never")');
    const containerFlags = declareContainerFlags(flags);
    return async (context, [image = '', ...command]) => {
      const body = await withHelp('create', async () => {
        options.check();
        return asCommandError(() => containerBody(context, containerFlags, image, command));
      });
      const id = await createContainer(context, body, options);
      await context.out(`${id}\n`);
    };
  },
};
