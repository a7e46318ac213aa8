import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';

export const contextShow: Command = {
  use: 'show',
  short: 'Print the name of the current context',
  arity: { rule: 'none' },
  support: full,
  setup: () => async (context) => context.out(`${await context.contexts.current()}\n`),
};
