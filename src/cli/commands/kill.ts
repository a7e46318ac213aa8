import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { postToEach } from './each.ts';

export const kill: Command = {
  use: 'kill [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Kill one or more running containers',
  spellings: 'docker container kill, docker kill',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const signal = flags.string('signal', 's', 'Signal to send to the container', full);
    return (context, names) => postToEach(context, names, 'kill', { signal: signal.value || undefined });
  },
};
