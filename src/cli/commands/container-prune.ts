import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { humanSize } from '../format/units.ts';

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
      const report = await context.client.post('/containers/prune', { filters: filter.value.query });
      const deleted = report.strings('ContainersDeleted');
      if (deleted.length > 0) await context.out(`Deleted Containers:\n${deleted.map((id) => `${id}\n`).join('')}\n`);
      await context.out(`Total reclaimed space: ${humanSize(deleted.length > 0 ? report.number('SpaceReclaimed') : 0)}\n`);
    };
  },
};
