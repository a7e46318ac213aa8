import { respell, type Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { formatUsesSize, writeContainers } from '../format/containers.ts';

export const ps: Command = {
  use: 'ps [OPTIONS]',
  short: 'List containers',
  spellings: 'docker container ls, docker container list, docker container ps, docker ps',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const quiet = flags.bool('quiet', 'q', 'Only display container IDs', full);
    const size = flags.bool('size', 's', 'Display total file sizes', full);
    const all = flags.bool('all', 'a', 'Show all containers (default shows just running)', full);
    const noTrunc = flags.bool('no-trunc', '', "Don't truncate output", full);
    const latest = flags.bool('latest', 'l', 'Show the latest created container (includes all states)', full);
    const last = flags.int('last', 'n', 'Show n last created containers (includes all states)', full, -1);
    const format = flags.string('format', '', listFormatUsage, full);
    const filter = filterFlag(flags);
    return async (context) => {
      const options = { format: format.value, quiet: quiet.value, size: size.value, truncate: !noTrunc.value };
      if (quiet.value && format.value !== '')
        await context.err('WARNING: Ignoring custom format, because both --format and --quiet are set.\n');
      const usesSize = await formatUsesSize(format.value, context.signal);
      const needsSize = size.value || (usesSize && !size.changed && !quiet.value);
      const limit = latest.value && last.value === -1 ? 1 : last.value;
      const containers = await context.client.get('/containers/json', {
        all: all.value ? '1' : undefined,
        limit: limit > 0 ? String(limit) : undefined,
        size: needsSize ? '1' : undefined,
        filters: filter.value.query,
      });
      await writeContainers(context, containers.items(), options);
    };
  },
};

export const containerLs = respell(ps, 'ls [OPTIONS]', ['ps', 'list']);
