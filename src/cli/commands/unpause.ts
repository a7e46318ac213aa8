import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { forEach } from './each.ts';

export const unpause: Command = {
  use: 'unpause CONTAINER [CONTAINER...]',
  short: 'Unpause all processes within one or more containers',
  spellings: 'docker container unpause, docker unpause',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup: () => (context, names) => forEach(context, names, (name) => context.client.call('POST', `/containers/${segment(name)}/unpause`)),
};
