import { nameOf, type Command } from '../../../src/cli/command.ts';
import { commands, groups } from '../../../src/cli/commands/index.ts';
import { FlagSet, type FlagEntry } from '../../../src/cli/flags/flag-set.ts';
import { declareGlobalFlags } from '../../../src/cli/global-flags.ts';

export interface TypedFlag {
  /** `docker run`, or `docker` for the global flags. */
  readonly command: string;
  readonly flag: string;
}

/** What of the support table the docker commands of a shell's line use. Also what the parser refuses. */
export function flagsTyped(line: string): readonly TypedFlag[] {
  return commandsIn(line).flatMap(flagsOf);
}

/** Words as a shell splits them, a command to each; what is quoted is one word. Words within `$(…)` are a command of their own. */
function commandsIn(line: string): readonly (readonly string[])[] {
  const found: string[][] = [[]];
  for (const [token] of line.replaceAll('\\\n', ' ').matchAll(/(?:'[^']*'|"(?:\\.|[^"])*"|\$\(docker|[^\s;|&()'"])+|[;|&()]+/g)) {
    if (/^[;|&()]+$/.test(token)) found.push([]);
    else found.at(-1)?.push(token.replace(/^(['"])([^]*)\1$/, '$2'));
  }
  const nested = found.flat().flatMap((word) => (/^docker \S/.test(word) ? commandsIn(word) : []));
  return [...nested, ...found.flatMap((words) => (words.includes('docker') ? [words.slice(words.indexOf('docker') + 1)] : []))];
}

function flagsOf(words: readonly string[]): readonly TypedFlag[] {
  const globals = new FlagSet();
  declareGlobalFlags(globals);
  const [used, rest] = flagsAt(words, globals.entries, true);
  const [name = '', second = ''] = rest;
  const group = groups.find((each) => each.name === name);
  const command = find(group?.commands ?? commands, group === undefined ? name : second);
  const ofGlobals = used.map((flag) => ({ command: 'docker', flag: `--${flag}` }));
  if (command === undefined) return ofGlobals;
  const flags = new FlagSet();
  command.setup(flags);
  const [own] = flagsAt(rest.slice(group === undefined ? 1 : 2), flags.entries, command.flagsFirst === true);
  const path = `docker ${group === undefined ? '' : `${group.name} `}${nameOf(command)}`;
  return [...ofGlobals, ...own.map((flag) => ({ command: path, flag: `--${flag}` }))];
}

function find(list: readonly Command[], name: string): Command | undefined {
  return list.find((command) => nameOf(command) === name || command.aliases?.includes(name));
}

/** Names of the flags, and the words that are none. @param first flags end at the first word that is none */
function flagsAt(words: readonly string[], entries: readonly FlagEntry[], first: boolean): readonly [readonly string[], readonly string[]] {
  const used: string[] = [];
  const others: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--' || (first && !/^-./.test(word))) return [used, [...others, ...words.slice(word === '--' ? at + 1 : at)]];
    if (!/^-./.test(word)) {
      others.push(word);
      continue;
    }
    const [name = '', value] = word.replace(/^--?/, '').split('=');
    const named = word.startsWith('--') ? entries.filter((entry) => entry.name === name) : shorts(name, entries);
    used.push(...named.map((entry) => entry.name));
    // The value is the next word, unless it is in this one or there is none to a flag.
    const last = named.at(-1);
    const isBare = last?.bareValue !== null && last?.bareValue !== undefined;
    const hasValue = word.startsWith('--') ? value !== undefined : value !== undefined || name.length > named.length;
    if (last !== undefined && !isBare && !hasValue) at++;
  }
  return [used, others];
}

/** `-it` is two flags; after one that takes a value, the rest is its value. */
function shorts(letters: string, entries: readonly FlagEntry[]): readonly FlagEntry[] {
  const found: FlagEntry[] = [];
  for (const letter of letters) {
    const entry = entries.find(({ short }) => short === letter);
    if (entry === undefined) break;
    found.push(entry);
    if (entry.bareValue === null) break;
  }
  return found;
}
