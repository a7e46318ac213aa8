import { nameOf, type Command } from '../../../src/cli/command.ts';
import { commands, groups } from '../../../src/cli/commands/index.ts';
import { FlagSet } from '../../../src/cli/flags/flag-set.ts';
import { declareGlobalFlags } from '../../../src/cli/global-flags.ts';

/** What of the support table a command line uses: `docker ps`, `docker ps --all`, `docker --log-level`. */
export function usedBy(argv: readonly string[]): readonly string[] {
  const global = new FlagSet();
  declareGlobalFlags(global);
  const [name = '', ...rest] = parsed(global, argv, false);
  const group = groups.find((candidate) => candidate.name === name);
  const command = find(group?.commands ?? commands, group === undefined ? name : (rest.shift() ?? ''));
  const ofGlobal = changed(global, 'docker');
  if (command === undefined) return ofGlobal;
  const path = `docker ${group === undefined ? '' : `${name} `}${nameOf(command)}`;
  const flags = new FlagSet();
  command.setup(flags);
  parsed(flags, rest, command.flagsFirst !== true);
  return [...ofGlobal, path, ...changed(flags, path)];
}

/** What is supported and used by none of these command lines; a command that stands at two places once, as at the first of them. */
export function unusedBy(lines: readonly (readonly string[])[]): readonly string[] {
  const used = new Set(lines.flatMap(usedBy));
  const global = new FlagSet();
  declareGlobalFlags(global);
  const seen = new Map<Command['setup'], Place[]>();
  for (const place of places()) seen.set(place.command.setup, [...(seen.get(place.command.setup) ?? []), place]);
  const ofCommands = [...seen.values()].flatMap((same) => {
    const flags = new FlagSet();
    const [{ command, path }] = atLeastOne(same);
    if (command.support.level === 'none') return [];
    command.setup(flags);
    const usedAnywhere = (suffix: string): boolean => same.some((place) => used.has(place.path + suffix));
    return [...(usedAnywhere('') ? [] : [path]), ...supported(flags, '').flatMap((flag) => (usedAnywhere(flag) ? [] : [path + flag]))];
  });
  return [...supported(global, 'docker').filter((flag) => !used.has(flag)), ...ofCommands];
}

interface Place {
  readonly path: string;
  readonly command: Command;
}

function places(): readonly Place[] {
  return [
    ...commands.map((command) => ({ path: `docker ${nameOf(command)}`, command })),
    ...groups.flatMap((group) => group.commands.map((command) => ({ path: `docker ${group.name} ${nameOf(command)}`, command }))),
  ];
}

function atLeastOne(same: readonly Place[]): readonly [Place] {
  const [first] = same;
  if (first === undefined) throw new Error('a command without a place');
  return [first];
}

function supported(flags: FlagSet, path: string): readonly string[] {
  return flags.entries.filter(({ hidden, support }) => !hidden && support.level !== 'none').map(({ name }) => `${path} --${name}`);
}

function find(list: readonly Command[], name: string): Command | undefined {
  return list.find((command) => nameOf(command) === name || command.aliases?.includes(name));
}

/** The words that are no flags, as far as they can be read. */
function parsed(flags: FlagSet, words: readonly string[], interspersed: boolean): string[] {
  try {
    return [...flags.parse(words, interspersed).args];
  } catch {
    return [];
  }
}

function changed(flags: FlagSet, path: string): readonly string[] {
  return flags.entries.filter((entry) => entry.changed).map((entry) => `${path} --${entry.name}`);
}
