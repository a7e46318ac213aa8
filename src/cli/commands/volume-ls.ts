import type { Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full, none } from '../flags/support.ts';
import { compareNatural } from '../format/natural-order.ts';
import { writeRows } from '../format/table.ts';
import { volumeHeadings, volumeRow } from '../format/volumes.ts';

export const volumeLs: Command = {
  use: 'ls [OPTIONS]',
  short: 'List volumes',
  aliases: ['list'],
  spellings: 'docker volume ls, docker volume list',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const quiet = flags.bool('quiet', 'q', 'Only display volume names', full);
    const format = flags.string('format', '', listFormatUsage, full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "dangling=true")');
    flags.bool('cluster', '', 'Display only cluster volumes, and use cluster volume list formatting', none('there is one node only'));
    return async (context) => {
      const list = (await context.client.get('/volumes', { filters: filter.value.query })).list('Volumes');
      const sorted = [...list].sort((a, b) => compareNatural(a.string('Name'), b.string('Name')));
      await writeRows(context, { format: volumeFormat(format.value, quiet.value), headings: volumeHeadings, rows: sorted.map(volumeRow) });
    };
  },
};

function volumeFormat(format: string, quiet: boolean): string {
  if (format === '' || format === 'table') return quiet ? '{{.Name}}' : 'table {{.Driver}}\\t{{.Name}}';
  if (format !== 'raw') return format;
  return quiet ? 'name: {{.Name}}' : 'name: {{.Name}}\\ndriver: {{.Driver}}\\n';
}
