/**
 * Writes the tables of docs/compatibility.md, and the README's summary, from what the code says of itself: the command tables of `src/cli/` (every flag
 * carries its support) and `src/api/support.ts`. `--check` fails when they are not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { apiSupport, type Level, type RouteSupport } from '../src/api/support.ts';
import { groups, topLevel } from '../src/cli/commands/index.ts';
import { nameOf, type Command } from '../src/cli/command.ts';
import { FlagSet } from '../src/cli/flags/flag-set.ts';

const root = resolve(import.meta.dirname, '..');
const begin = '<!-- support table: npx tsx scripts/support-table.ts -->';
const end = '<!-- end of the support table -->';

interface Gap {
  readonly flag: string;
  readonly note: string;
}

function flagsOf(command: Command): { readonly full: number; readonly partial: readonly Gap[]; readonly none: readonly Gap[] } {
  const flags = new FlagSet();
  command.setup(flags);
  const of = (level: 'partial' | 'none'): Gap[] =>
    flags.entries
      .filter((entry) => entry.support.level === level)
      .map(({ name, support }) => ({ flag: `\`--${name}\``, note: support.note }));
  return { full: flags.entries.filter(({ support }) => support.level === 'full').length, partial: of('partial'), none: of('none') };
}

function commandRow(path: string, command: Command): string {
  const { full, partial, none } = flagsOf(command);
  const level = command.support.level === 'full' ? 'yes' : `${command.support.level}: ${command.support.note}`;
  const gaps = partial.map(({ flag, note }) => `${flag} (${note})`).join(', ');
  return `| \`docker ${path}\` | ${level} | ${full} | ${gaps} | ${none.map(({ flag }) => flag).join(' ')} |`;
}

function commandTable(): string {
  const top = commands.map((command) => commandRow(nameOf(command), command));
  const grouped = groups.map((group) => `\`docker ${group.name}\`: ${group.commands.map(nameOf).join(', ')}`);
  return [
    '| command | works | flags that work | flags that work in part | known, refused with a reason |',
    '|---|---|---|---|---|',
    ...top,
    '',
    `The same under their groups: ${grouped.join('; ')}.`,
  ].join('\n');
}

function routeRow([operation, { level, note, parameters }]: readonly [string, RouteSupport]): string {
  const all = Object.entries(parameters);
  const names = (wanted: Level): readonly string[] => all.filter(([, support]) => support.level === wanted).map(([name]) => `\`${name}\``);
  const partly = all.filter(([, support]) => support.level === 'partial').map(([name, support]) => `\`${name}\` (${support.note})`);
  const works = level === 'full' ? 'yes' : `${level}: ${note}`;
  return `| \`${operation}\` | ${works} | ${names('full').join(' ')} | ${partly.join(', ')} | ${names('none').join(' ')} |`;
}

function routeTable(): string {
  return [
    'Engine API 1.24 to 1.50: every operation of its Swagger file with its parameters.',
    '',
    '| operation | works | parameters that work | parameters that work in part | ignored or refused |',
    '|---|---|---|---|---|',
    ...[...apiSupport].map(routeRow),
  ].join('\n');
}

const commands = [...topLevel.common, ...topLevel.commands];

/** What a reader of the README wants to know: how much of it there is. */
function summary(): string {
  const of = (level: string): readonly string[] =>
    commands.filter((command) => command.support.level === level).map((command) => `\`${nameOf(command)}\``);
  const flags = commands.map(flagsOf).reduce((sum, { full, partial }) => sum + full + partial.length, 0);
  return (
    `Of the ${commands.length} plain commands of \`docker\`, ${of('full').length} work (${of('full').join(', ')}) and ${of('partial').length} in part ` +
    `(${of('partial').join(', ')}), with ${flags} flags between them.` +
    (of('none').length === 0 ? '' : ` Not there yet: ${of('none').join(', ')}.`)
  );
}

/** @throws when the file has no place for it */
function withTable(text: string, table: string): string {
  if (!text.includes(begin) || !text.includes(end)) throw new Error('there is no place for the support table');
  return `${text.slice(0, text.indexOf(begin))}${begin}\n${table}\n${text.slice(text.indexOf(end))}`;
}

const tables = { 'README.md': summary(), 'docs/compatibility.md': `${commandTable()}\n\n${routeTable()}` };
for (const [name, table] of Object.entries(tables)) {
  const path = join(root, name);
  const text = readFileSync(path, 'utf8');
  const wanted = withTable(text, table);
  if (wanted === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`The support table of ${name} is not up to date: npx tsx scripts/support-table.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
  }
}
