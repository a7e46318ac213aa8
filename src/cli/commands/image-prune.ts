import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { humanSize } from '../../grammar/units.ts';
import { pruneImages } from './prune.ts';

const question = 'Are you sure you want to continue?';
const allWarning = `WARNING! This will remove all images without at least one container associated to them.\n${question}`;
const danglingWarning = `WARNING! This will remove all dangling images.\n${question}`;

export const imagePrune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused images',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const all = flags.bool('all', 'a', 'Remove all unused images, not just dangling ones', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "until=<timestamp>")', '');
    return async (context) => {
      // A no is no failure.
      if (!force.value && !(await confirm(context, all.value ? allWarning : danglingWarning))) return;
      const { output, bytes } = await pruneImages(context, filter.value, all.value);
      if (output !== '') await context.out(`${output}\n`);
      await context.out(`Total reclaimed space: ${humanSize(bytes)}\n`);
    };
  },
};
