import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { usageHeadings, usageRows, usageSections, usageTable } from '../format/disk-usage.ts';
import { renderRows, writeRows } from '../format/table.ts';
import type { JsonView } from '../json.ts';
import { execute, parse, TemplateSyntaxError } from '../template/index.ts';
import type { StructField } from '../template/value.ts';

export const systemDf: Command = {
  use: 'df [OPTIONS]',
  short: 'Show docker disk usage',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const verbose = flags.bool('verbose', 'v', 'Show detailed information on space usage', full);
    const format = flags.string('format', '', listFormatUsage, full);
    return async (context) => {
      const usage = await context.client.get('/system/df');
      const isTable = format.value === '' || format.value === 'table';
      if (!verbose.value)
        return writeRows(context, { format: isTable ? usageTable : format.value, headings: usageHeadings, rows: usageRows(usage) });
      return isTable ? writeSections(context, usage) : writeVerbose(context, usage, format.value);
    };
  },
};

async function writeSections(context: CliContext, usage: JsonView): Promise<void> {
  let text = '';
  for (const [index, { title, ...table }] of usageSections(usage, context.now(), true).entries())
    text += `${index === 0 ? '' : '\n'}${title}\n\n${await renderRows(table, context.signal)}`;
  await context.out(text);
}

/** A format of `-v` is executed once, on all the rows. */
async function writeVerbose(context: CliContext, usage: JsonView, format: string): Promise<void> {
  const fields = usageSections(usage, context.now(), false).map(({ name, rows }): StructField => ({
    name,
    value: { kind: 'slice', type: '[]*formatter.SubContext', items: rows },
    json: name,
    omitEmpty: false,
    embedded: false,
  }));
  try {
    const template = parse(format === 'json' ? '{{json .}}' : format);
    const value = { kind: 'struct', type: 'formatter.diskUsageContext', fields, methods: {}, jsonMethods: [] } as const;
    const pointer = { kind: 'pointer', type: '*formatter.diskUsageContext', to: value } as const;
    await context.out(await execute(template, pointer, { signal: context.signal }));
  } catch (error) {
    const prefix = error instanceof TemplateSyntaxError ? 'template parsing error: ' : '';
    throw new StatusError(1, prefix + messageOf(error));
  }
}
