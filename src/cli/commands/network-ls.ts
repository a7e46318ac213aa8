import type { Command } from '../command.ts';
import type { JsonView } from '../json.ts';
import { filterFlag } from '../flags/filters.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { compareNatural } from '../format/natural-order.ts';
import { writeRows } from '../format/table.ts';
import { shortId } from '../../grammar/units.ts';
import { sprint } from '../template/print.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';

const headings = {
  ID: 'NETWORK ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  IPv4: 'IPV4',
  IPv6: 'IPV6',
  Internal: 'INTERNAL',
  Labels: 'LABELS',
  CreatedAt: 'CREATED AT',
};

export const networkLs: Command = {
  use: 'ls [OPTIONS]',
  short: 'List networks',
  aliases: ['list'],
  spellings: 'docker network ls, docker network list',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const quiet = flags.bool('quiet', 'q', 'Only display network IDs', full);
    const noTrunc = flags.bool('no-trunc', '', 'Do not truncate the output', full);
    const format = flags.string('format', '', listFormatUsage, full);
    const filter = filterFlag(flags, 'Provide filter values (e.g. "driver=bridge")');
    return async (context) => {
      const list = await context.client.get('/networks', { filters: filter.value.query });
      const sorted = [...list.items()].sort((a, b) => compareNatural(a.string('Name'), b.string('Name')));
      await writeRows(context, {
        format: networkFormat(format.value, quiet.value),
        headings,
        rows: sorted.map((network) => networkRow(network, !noTrunc.value)),
      });
    };
  },
};

function networkFormat(format: string, quiet: boolean): string {
  if (format === '' || format === 'table') return quiet ? '{{.ID}}' : 'table {{.ID}}\\t{{.Name}}\\t{{.Driver}}\\t{{.Scope}}';
  if (format !== 'raw') return format;
  return quiet ? 'network_id: {{.ID}}' : 'network_id: {{.ID}}\\nname: {{.Name}}\\ndriver: {{.Driver}}\\nscope: {{.Scope}}\\n';
}

function networkRow(network: JsonView, truncate: boolean): Value {
  const text = (value: string): Value => stringValue(value);
  const labels = network.labels('Labels');
  return rowValue(
    '*network.networkContext',
    {
      ID: () => text(truncate ? shortId(network.string('Id')) : network.string('Id')),
      Name: () => text(network.string('Name')),
      Driver: () => text(network.string('Driver')),
      Scope: () => text(network.string('Scope')),
      IPv4: () => text(String(network.bool('EnableIPv4'))),
      IPv6: () => text(String(network.bool('EnableIPv6'))),
      Internal: () => text(String(network.bool('Internal'))),
      Labels: () => text(labels.map(([key, value]) => `${key}=${value}`).join(',')),
      CreatedAt: () => text(goTimeOf(network.string('Created'))),
    },
    { Label: ([name]) => text(labels.find(([key]) => name?.kind === 'string' && key === name.value)?.[1] ?? '') },
  );
}

function goTimeOf(created: string): string {
  return sprint({ kind: 'string', type: 'time.Time', value: created });
}
