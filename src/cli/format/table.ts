import { trimEndOf } from '../../base/trim.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { execute, executeHeader, parse, TemplateExecutionError } from '../template/index.ts';
import type { Template } from '../template/nodes.ts';
import { stringMapValue, stringValue, type Value } from '../template/value.ts';
import { alignTabs, tableTabs } from './tabwriter.ts';

export interface TableOptions {
  /** `table …`, `json` or a template: what --format or the command's default says. */
  readonly format: string;
  /** Column name to heading. */
  readonly headings: Readonly<Record<string, string>>;
  readonly rows: readonly Value[];
}

/** Characters of all rows together, which Docker, too, collects before it writes the first. */
const largestTable = 64 * 1024 * 1024;

export async function writeRows(context: CliContext, options: TableOptions): Promise<void> {
  await context.out(await renderRows(options, context.signal));
}

/** Rows through a --format, as formatter.Context does it. Throws StatusError for a bad format. */
export async function renderRows(options: TableOptions, signal: AbortSignal): Promise<string> {
  const isTable = options.format.startsWith('table');
  const template = parseFormat(bodyOf(options.format));
  let body = '';
  for (const row of options.rows) {
    body += `${await run(execute(template, row, { signal }))}\n`;
    if (body.length > largestTable) throw new StatusError(1, 'the output is too large');
  }
  if (!isTable) return body;
  const heading = await headingOf(template, options.headings, signal);
  return alignTabs(`${heading}\n${body}`, tableTabs);
}

/** Rows may be made of what headings are not; then the heading ends where it fails. */
async function headingOf(template: Template, headings: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
  const columns: Value = { ...stringMapValue(Object.entries(headings)), methods: { Label: ([name]) => stringValue(labelHeading(name)) } };
  try {
    return await executeHeader(template, columns, { signal });
  } catch (error) {
    if (error instanceof TemplateExecutionError) return error.output;
    throw error;
  }
}

/** `com.example.built-by` is headed "built by". */
function labelHeading(label: Value | undefined): string {
  const name = label?.kind === 'string' ? label.value : '';
  return name.slice(name.lastIndexOf('.') + 1).replaceAll(/[-_]/g, ' ');
}

function bodyOf(format: string): string {
  const body = format === 'json' ? '{{json .}}' : trimEndOf(format.replace(/^table/, '').replace(/^ +/, ''), ' ');
  return body.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function parseFormat(format: string): Template {
  try {
    return parse(format);
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`);
  }
}

async function run(rendering: Promise<string>): Promise<string> {
  try {
    return await rendering;
  } catch (error) {
    if (!(error instanceof TemplateExecutionError)) throw error;
    throw new StatusError(1, `template parsing error: ${error.message}`);
  }
}
