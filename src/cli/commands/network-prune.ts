import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { pruneNetworks } from './prune.ts';

const warning = 'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?';

export const networkPrune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove all unused networks',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "until=<timestamp>")', '');
    return async (context) => {
      // A no is no failure.
      if (!force.value && !(await confirm(context, warning))) return;
      const { output } = await pruneNetworks(context, filter.value);
      if (output !== '') await context.out(`${output}\n`);
    };
  },
};
