import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { humanSize } from '../../grammar/units.ts';
import { pruneContainers } from './prune.ts';

const warning = 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue?';

export const containerPrune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove all stopped containers',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "until=<timestamp>")', '');
    return async (context) => {
      // A no is no failure.
      if (!force.value && !(await confirm(context, warning))) return;
      const { output, bytes } = await pruneContainers(context, filter.value);
      if (output !== '') await context.out(`${output}\n`);
      await context.out(`Total reclaimed space: ${humanSize(bytes)}\n`);
    };
  },
};
