import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { postToEach } from './each.ts';

export const unpause: Command = {
  use: 'unpause CONTAINER [CONTAINER...]',
  short: 'Unpause all processes within one or more containers',
  spellings: 'docker container unpause, docker unpause',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup: () => (context, names) => postToEach(context, names, 'unpause'),
};
