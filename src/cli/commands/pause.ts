import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { postToEach } from './each.ts';

export const pause: Command = {
  use: 'pause CONTAINER [CONTAINER...]',
  short: 'Pause all processes within one or more containers',
  spellings: 'docker container pause, docker pause',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup: () => (context, names) => postToEach(context, names, 'pause'),
};
