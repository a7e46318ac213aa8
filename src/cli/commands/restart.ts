import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { forEach } from './each.ts';

export const restart: Command = {
  use: 'restart [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Restart one or more containers',
  spellings: 'docker container restart, docker restart',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const signal = flags.string('signal', 's', 'Signal to send to the container', full);
    const timeout = flags.int('timeout', 't', 'Seconds to wait before killing the container', full);
    flags.alias('time', 'timeout', 'use --timeout instead');
    return (context, names) => {
      const query = { signal: signal.value || undefined, t: timeout.changed ? String(timeout.value) : undefined };
      return forEach(context, names, (name) => context.client.call('POST', `/containers/${segment(name)}/restart`, { query }));
    };
  },
};
