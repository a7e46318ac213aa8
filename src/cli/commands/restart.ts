import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { postToEach } from './each.ts';
import { declareStopFlags } from './stop-flags.ts';

export const restart: Command = {
  use: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Restart one or more containers',
  spellings: 'docker container restart, docker restart',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const query = declareStopFlags(flags);
    return (context, names) => postToEach(context, names, 'restart', query());
  },
};
