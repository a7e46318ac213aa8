import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { humanSize } from '../../grammar/units.ts';
import { pruneVolumes } from './prune.ts';

const anonymousWarning =
  'WARNING! This will remove anonymous local volumes not used by at least one container.\nAre you sure you want to continue?';
const allWarning = 'WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue?';

export const volumePrune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused local volumes',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const all = flags.bool('all', 'a', 'Remove all unused volumes, not just anonymous ones', full);
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "label=<label>")', '');
    return async (context) => {
      if (all.value && filter.value.has('all'))
        throw new StatusError(1, 'conflicting options: cannot specify both --all and --filter all=1');
      const everything = all.value || filter.value.get('all').some((value) => value === 'true' || value === '1');
      // A no is no failure.
      if (!force.value && !(await confirm(context, everything ? allWarning : anonymousWarning))) return;
      const { output, bytes } = await pruneVolumes(context, all.value ? filter.value.with('all', 'true') : filter.value);
      if (output !== '') await context.out(`${output}\n`);
      await context.out(`Total reclaimed space: ${humanSize(bytes)}\n`);
    };
  },
};
