import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { execute, executeHeader, parse, TemplateExecutionError } from '../template/index.ts';
import type { Template } from '../template/parse.ts';
import { stringMapValue, type Value } from '../template/value.ts';
import { alignTabs, tableTabs } from './tabwriter.ts';

export interface TableOptions {
  /** `table …`, `json` or a template: what --format or the command's default says. */
  readonly format: string;
  /** Column name to heading. */
  readonly headings: Readonly<Record<string, string>>;
  readonly rows: readonly Value[];
}

export async function writeRows(context: CliContext, options: TableOptions): Promise<void> {
  await context.out(renderRows(options));
}

/** Rows through a --format, as formatter.Context does it. Throws StatusError for a bad format. */
export function renderRows(options: TableOptions): string {
  const isTable = options.format.startsWith('table');
  const template = parseFormat(bodyOf(options.format));
  let body = '';
  for (const row of options.rows) body += `${run(() => execute(template, row))}\n`;
  if (!isTable) return body;
  const heading = run(() => executeHeader(template, stringMapValue(Object.entries(options.headings))));
  return alignTabs(`${heading}\n${body}`, tableTabs);
}

function bodyOf(format: string): string {
  const body = format === 'json' ? '{{json .}}' : format.replace(/^table/, '').replace(/^ +| +$/g, '');
  return body.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function parseFormat(format: string): Template {
  try {
    return parse(format);
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`);
  }
}

function run(render: () => string): string {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof TemplateExecutionError)) throw error;
    throw new StatusError(1, `template parsing error: ${error.message}`);
  }
}
