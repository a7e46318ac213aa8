import { utf8 } from '../../base/bytes.ts';
import { nameOf, type Command } from '../../cli/command.ts';
import { commands, groups, topLevel } from '../../cli/commands/index.ts';
import { FlagSet } from '../../cli/flags/flag-set.ts';
import { declareGlobalFlags } from '../../cli/global-flags.ts';
import { commandHelp, groupHelp, topHelp } from '../../cli/help.ts';
import type { MadeFile } from './tool-tree.ts';

const folder = 'usr/share/man';
const columns = 100;

/** A page for docker, for each group and for each command that is supported: the help screens, which are the parser's own tables. */
export function dockerPages(): MadeFile[] {
  const global = new FlagSet();
  declareGlobalFlags(global);
  const placed = [
    ...commands.map((command) => ({ command, place: 'docker' })),
    ...groups.flatMap((group) => group.commands.map((command) => ({ command, place: `docker ${group.name}` }))),
  ].filter(({ command }) => command.support.level !== 'none');
  return [
    page('docker', 'A self-sufficient runtime for containers', topHelp(topLevel, global, columns), ['docker-run', 'runc']),
    ...groups
      .filter((group) => group.commands.some((command) => command.support.level !== 'none'))
      .map((group) => page(`docker-${group.name}`, group.short, groupHelp(group), ['docker'])),
    ...placed.map(({ command, place }) => commandPage(command, place)),
  ];
}

function commandPage(command: Command, place: string): MadeFile {
  const group = place.replaceAll(' ', '-');
  return page(`${group}-${nameOf(command)}`, command.short, commandHelp(command, place, columns), [group]);
}

function page(name: string, short: string, help: string, also: readonly string[]): MadeFile {
  const indented = help
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  const text = `${name.toUpperCase()}(1)\n\nNAME\n    ${name} - ${short}\n\nDESCRIPTION\n${indented}\n\nSEE ALSO\n    ${also.join(', ')}\n`;
  return { path: `${folder}/${name}`, contents: utf8(text) };
}
