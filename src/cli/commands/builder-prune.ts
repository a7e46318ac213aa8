import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { humanSize } from '../../grammar/units.ts';
import { pruneBuildCache } from './prune.ts';

export const builderPrune: Command = {
  use: 'prune',
  short: 'Remove build cache',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const all = flags.bool('all', 'a', 'Remove all unused build cache, not just dangling ones', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "until=24h")', '');
    const keepStorage = flags.bytes('keep-storage', '', 'Amount of disk space to keep for cache', full);
    return async (context) => {
      const what = all.value ? 'all build cache' : 'all dangling build cache';
      // A no is no failure.
      if (!force.value && !(await confirm(context, `WARNING! This will remove ${what}. Are you sure you want to continue?`))) return;
      const { output, bytes } = await pruneBuildCache(context, filter.value, all.value, keepStorage.value);
      if (output !== '') await context.out(`${output}\n`);
      await context.out(`Total reclaimed space: ${humanSize(bytes)}\n`);
    };
  },
};
