import { confirm } from '../client/confirm.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { filterFlag, type Filters } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { compareNatural } from '../format/natural-order.ts';
import { humanSize } from '../../grammar/units.ts';
import { pruneBuildCache, pruneContainers, pruneImages, pruneNetworks, pruneVolumes } from './prune.ts';

export const systemPrune: Command = {
  use: 'prune [OPTIONS]',
  short: 'Remove unused data',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Do not prompt for confirmation', full);
    const all = flags.bool('all', 'a', 'Remove all unused images not just dangling ones', full);
    const volumes = flags.bool('volumes', '', 'Prune anonymous volumes', full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "label=<key>=<value>")', '');
    return async (context) => {
      const filters = filter.value;
      if (volumes.value && filters.has('until')) throw new StatusError(1, 'ERROR: The "until" filter is not supported with "--volumes"');
      // A no is no failure.
      if (!force.value && !(await confirm(context, warningOf(all.value, volumes.value, filters)))) return;
      const steps = [
        () => pruneContainers(context, filters),
        () => pruneNetworks(context, filters),
        ...(volumes.value ? [() => pruneVolumes(context, filters)] : []),
        () => pruneImages(context, filters, all.value),
        () => pruneBuildCache(context, filters, all.value),
      ];
      let total = 0;
      for (const step of steps) {
        const { output, bytes } = await step();
        total += bytes;
        if (output !== '') await context.out(`${output}\n`);
      }
      await context.out(`Total reclaimed space: ${humanSize(total)}\n`);
    };
  },
};

function warningOf(all: boolean, volumes: boolean, filters: Filters): string {
  const goes = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  const kept = ['label', 'label!', 'until'].flatMap((name) => filters.get(name).map((value) => `${name}=${value}`)).sort(compareNatural);
  const filtered = kept.length === 0 ? '' : `\n  Items to be pruned will be filtered with:${listed(kept)}\n`;
  return `WARNING! This will remove:${listed(goes)}\n${filtered}\nAre you sure you want to continue?`;
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `\n  - ${line}`).join('');
}
