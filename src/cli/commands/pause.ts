import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { forEach } from './each.ts';

export const pause: Command = {
  use: 'pause CONTAINER [CONTAINER...]',
  short: 'Pause all processes within one or more containers',
  spellings: 'docker container pause, docker pause',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup: () => (context, names) => forEach(context, names, (name) => context.client.call('POST', `/containers/${segment(name)}/pause`)),
};
