import { nameOf, type Command } from './command.ts';
import { commands, groups } from './commands/index.ts';
import { FlagSet } from './flags/flag-set.ts';
import type { Support } from './flags/support.ts';
import { declareGlobalFlags } from './global-flags.ts';

/** One row of the support table. */
export interface SupportEntry {
  /** `docker run`, or `docker` for the global flags. */
  readonly command: string;
  /** `--memory`, or '' for the command itself. */
  readonly flag: string;
  readonly level: Support['level'];
  readonly note: string;
}

/** Every command and flag that this client knows, with how far it is honoured: made from the tables that the parser itself reads. */
export function supportTable(): readonly SupportEntry[] {
  const global = new FlagSet();
  declareGlobalFlags(global);
  const placed = [
    ...commands.map((command) => ({ command, place: 'docker' })),
    ...groups.flatMap((group) => group.commands.map((command) => ({ command, place: `docker ${group.name}` }))),
  ];
  return [...flagEntries('docker', global), ...placed.flatMap(({ command, place }) => commandEntries(command, place))];
}

function commandEntries(command: Command, place: string): readonly SupportEntry[] {
  const path = `${place} ${nameOf(command)}`;
  const flags = new FlagSet();
  command.setup(flags);
  return [{ command: path, flag: '', ...command.support }, ...flagEntries(path, flags)];
}

function flagEntries(command: string, flags: FlagSet): readonly SupportEntry[] {
  return flags.entries.filter((entry) => !entry.hidden).map((entry) => ({ command, flag: `--${entry.name}`, ...entry.support }));
}
