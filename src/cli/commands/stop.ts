import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { postToEach } from './each.ts';
import { declareStopFlags } from './stop-flags.ts';

export const stop: Command = {
  use: 'stop [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Stop one or more running containers',
  spellings: 'docker container stop, docker stop',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const query = declareStopFlags(flags);
    return (context, names) => postToEach(context, names, 'stop', query());
  },
};
