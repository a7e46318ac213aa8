import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { alignTabs } from '../format/tabwriter.ts';

export const top: Command = {
  use: 'top CONTAINER [ps OPTIONS]',
  short: 'Display the running processes of a container',
  spellings: 'docker container top, docker top',
  arity: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  support: full,
  setup:
    () =>
    async (context, [name = '', ...psOptions]) => {
      const query = { ps_args: psOptions.length === 0 ? undefined : psOptions.join(' ') };
      const list = await context.client.get(`${containerPath(name)}/top`, query);
      const rows = [
        list.strings('Titles'),
        ...list.list('Processes').map((row) => row.items().map((cell) => (typeof cell.json === 'string' ? cell.json : ''))),
      ];
      await context.out(alignTabs(rows.map((row) => `${row.join('\t')}\n`).join(''), { minWidth: 20, padding: 3 }));
    },
};
