import { nameOf, type Command, type CommandGroup } from './command.ts';
import { FlagSet } from './flags/flag-set.ts';
import { flagUsages } from './flags/usage.ts';

const nameColumn = 12;

/** The screen of `docker ps --help`. @param place words before the command's own name: `docker` or `docker container` */
export function commandHelp(command: Command, place: string, columns: number): string {
  const flags = new FlagSet();
  command.setup(flags);
  const paragraphs = [`Usage:  ${useLine(command, place)}`, command.long ?? command.short];
  if (command.spellings !== undefined) paragraphs.push(`Aliases:\n  ${command.spellings}`);
  const options = flagUsages(flags.entries, columns - 1);
  if (options !== '') paragraphs.push(`Options:\n${options.trimEnd()}`);
  return `${paragraphs.join('\n\n')}\n`;
}

export function useLine(command: Command, place: string): string {
  return `${command.plugin ?? place} ${command.use}`;
}

/** The screen of `docker container`. */
export function groupHelp(group: CommandGroup): string {
  const listed = group.commands.filter(isSupported);
  return [
    `Usage:  docker ${group.name} COMMAND`,
    group.short,
    `Commands:\n${listing(listed)}`,
    `Run 'docker ${group.name} COMMAND --help' for more information on a command.\n`,
  ].join('\n\n');
}

export interface TopLevel {
  readonly common: readonly Command[];
  readonly groups: readonly CommandGroup[];
  readonly commands: readonly Command[];
}

/** The screen of `docker`. */
export function topHelp(top: TopLevel, globalFlags: FlagSet, columns: number): string {
  const groups = top.groups.filter((group) => group.commands.some(isSupported));
  return [
    'Usage:  docker [OPTIONS] COMMAND',
    'A self-sufficient runtime for containers',
    `Common Commands:\n${listing(top.common.filter(isSupported))}`,
    `Management Commands:\n${groups.map((group) => row(group.name, group.short)).join('\n')}`,
    `Commands:\n${listing(top.commands.filter(isSupported))}`,
    `Global Options:\n${flagUsages(globalFlags.entries, columns - 1).trimEnd()}`,
    "Run 'docker COMMAND --help' for more information on a command.",
    'For more help on how to use Docker, head to https://docs.docker.com/go/guides/\n',
  ].join('\n\n');
}

function isSupported(command: Command): boolean {
  return command.support.level !== 'none';
}

function listing(commands: readonly Command[]): string {
  return commands.map((command) => row(nameOf(command), command.short)).join('\n');
}

function row(name: string, short: string): string {
  return `  ${name.padEnd(nameColumn)}${short}`;
}
