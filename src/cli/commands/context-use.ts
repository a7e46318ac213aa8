import type { Command } from '../command.ts';
import { defaultName, validateName } from '../contexts/store.ts';
import { full } from '../flags/support.ts';
import { overridden } from './context-ls.ts';

export const contextUse: Command = {
  use: 'use CONTEXT',
  short: 'Set the current docker context',
  arity: { rule: 'accepts', count: 1 },
  support: full,
  setup:
    () =>
    async (context, [name = '']) => {
      const { store, config, environmentHost } = context.contexts;
      if (name !== defaultName) {
        validateName(name);
        await store.get(name);
      }
      await config.setCurrentContext(name === defaultName ? '' : name);
      await context.out(`${name}\n`);
      await context.err(`Current context is now "${name}"\n`);
      if (name !== defaultName && environmentHost !== '') await context.err(`${overridden(`"${name}"`)}\n`);
    },
};
