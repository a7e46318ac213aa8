import type { Command } from '../command.ts';
import { hostOf } from '../contexts/contexts.ts';
import { defaultName } from '../contexts/store.ts';
import { messageOf } from '../errors.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { compareNatural } from '../format/natural-order.ts';
import { writeRows } from '../format/table.ts';
import { ellipsis } from '../../grammar/units.ts';
import { boolValue, rowValue, stringValue, type Value } from '../template/value.ts';
import type { CliContext } from '../context.ts';
import { defaultDescription } from './context-create.ts';

const headings = { Name: 'NAME', Description: 'DESCRIPTION', DockerEndpoint: 'DOCKER ENDPOINT', Error: 'ERROR' };
const table = 'table {{.Name}}{{if .Current}} *{{end}}\\t{{.Description}}\\t{{.DockerEndpoint}}\\t{{.Error}}';

export const contextLs: Command = {
  use: 'ls [OPTIONS]',
  short: 'List contexts',
  aliases: ['list'],
  spellings: 'docker context ls, docker context list',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const format = flags.string('format', '', listFormatUsage, full);
    const quiet = flags.bool('quiet', 'q', 'Only show context names', full);
    return async (context) => {
      const isTable = format.value === '' || format.value === 'table';
      const rows = (await listed(context)).map(contextRow);
      await writeRows(context, { format: quiet.value ? '{{.Name}}' : isTable ? table : format.value, headings, rows });
      if (context.contexts.environmentHost !== '') await context.err(`${overridden('a context')}\n`);
    };
  },
};

/** @param what whose use takes more: `a context`, `"name"` */
export function overridden(what: string): string {
  const use = `To use ${what}, either set the global --context flag, or unset DOCKER_HOST environment variable.`;
  return `Warning: DOCKER_HOST environment variable overrides the active context. ${use}`;
}

interface Listed {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly description: string;
  readonly host: string;
  readonly error: string;
}

/** The context in use is listed where it is not to be found, too. */
async function listed({ contexts }: CliContext): Promise<readonly Listed[]> {
  const current = await contexts.current();
  const found = (await contexts.list()).map((context): Listed => {
    const { Description: own = '' } = context.Metadata;
    const description = context.Name === defaultName ? defaultDescription : typeof own === 'string' ? own : '';
    return { name: context.Name, isCurrent: context.Name === current, description, host: hostOf(context), error: '' };
  });
  const lost = found.some(({ isCurrent }) => isCurrent) ? [] : [await contexts.get(current).then(() => '', messageOf)];
  const all = [...found, ...lost.map((error) => ({ name: current, isCurrent: true, description: '', host: '', error }))];
  return all.sort((a, b) => compareNatural(a.name, b.name));
}

function contextRow({ name, isCurrent, description, host, error }: Listed): Value {
  return rowValue('*formatter.clientContextContext', {
    Name: () => stringValue(name),
    Description: () => stringValue(description),
    DockerEndpoint: () => stringValue(host),
    Current: () => boolValue(isCurrent),
    Error: () => stringValue(ellipsis(error, 45)),
  });
}
