/**
 * Writes the support table of the README from what the code says of itself: the command tables of `src/cli/` (every flag carries its support)
 * and the `@docker rest` tags of `src/api/`. `--check` fails when the README is not up to date; a route without a tag fails always.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { groups, topLevel } from '../src/cli/commands/index.ts';
import { nameOf, type Command } from '../src/cli/command.ts';
import { FlagSet } from '../src/cli/flags/flag-set.ts';

const root = resolve(import.meta.dirname, '..');
const readme = join(root, 'README.md');
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
  const top = [...topLevel.common, ...topLevel.commands].map((command) => commandRow(nameOf(command), command));
  const grouped = groups.map((group) => `\`docker ${group.name}\`: ${group.commands.map(nameOf).join(', ')}`);
  return [
    '| command | works | flags that work | flags that work in part | known, refused with a reason |',
    '|---|---|---|---|---|',
    ...top,
    '',
    `The same under their groups: ${grouped.join('; ')}.`,
  ].join('\n');
}

function routeTable(): string {
  const folder = join(root, 'src/api');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const tags = files.flatMap((name) => [
    ...readFileSync(join(folder, name), 'utf8').matchAll(/@docker rest "([^"]+)" (full|partial|none)/g),
  ]);
  const of = (level: string): string =>
    tags
      .filter((tag) => tag[2] === level)
      .map((tag) => `\`${tag[1]}\``)
      .sort()
      .join(', ');
  return `Engine API 1.24 to 1.50. Full: ${of('full')}. In part: ${of('partial')}. Not yet: ${of('none')}.`;
}

const text = readFileSync(readme, 'utf8');
const [before, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
if (!text.includes(begin) || !text.includes(end)) throw new Error('README.md has no place for the support table');
const wanted = `${before}${begin}\n${commandTable()}\n\n${routeTable()}\n${rest}`;
if (process.argv.includes('--check')) {
  if (wanted !== text) {
    console.error('The support table of the README is not up to date: npx tsx scripts/support-table.ts');
    process.exit(1);
  }
} else {
  writeFileSync(readme, wanted);
}
