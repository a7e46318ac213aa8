import { nameOf, type Command, type CommandGroup } from '../command.ts';
import type { CliContext } from '../context.ts';
import { FlagSyntaxError, FlagSet, type FlagEntry } from '../flags/flag-set.ts';
import { declareGlobalFlags } from '../global-flags.ts';
import { messageOf } from '../errors.ts';
import { argumentsOf } from './arguments.ts';
import { directives, names, type Completion } from './completion.ts';
import { flagValues } from './flag-values.ts';

/** The commands that lines are made of. */
export interface Commands {
  readonly commands: readonly Command[];
  readonly groups: readonly CommandGroup[];
}

/** A docker, group or command whose next word is asked for. */
interface Place {
  /** `network rm`; '' at the top. */
  readonly path: string;
  readonly declare: () => FlagSet;
  /** Flags end at the first word that is none. */
  readonly flagsFirst: boolean;
  readonly below: readonly Listed[];
}

interface Listed {
  readonly names: readonly string[];
  readonly short: string;
  readonly place: () => Place;
}

/** Docker's client asks itself so for its shell scripts; its protocol is cobra's (spf13/cobra, completions.go). */
export const completionCommands: readonly string[] = ['__complete', '__completeNoDesc'];

/**
 * Prints a candidate a line, with a description behind a tab unless `__completeNoDesc` asked, and `:DIRECTIVE` as the last.
 * @param words of the line behind `docker`; the last is what is typed so far
 */
export async function complete(context: CliContext, table: Commands, name: string, words: readonly string[]): Promise<number> {
  if (words.length === 0) {
    await context.err('requires at least 1 arg(s), only received 0\n');
    return 1;
  }
  const { candidates, directive } = await completionOf(context, table, words).catch(async (error: unknown): Promise<Completion> => {
    if (!(error instanceof LineError)) throw error;
    await context.err(`[Debug] [Error] ${error.message}\n`);
    return ofFiles;
  });
  const withDescription = name !== '__completeNoDesc';
  for (const candidate of candidates) {
    const [text = '', ...description] = candidate.split('\n', 1)[0]?.split('\t') ?? [];
    await context.out(`${(withDescription ? [text, ...description].join('\t') : text).trim()}\n`);
  }
  await context.out(`:${directive}\n`);
  await context.err(`Completion ended with directive: ${directiveName(directive)}\n`);
  return 0;
}

/** The line is not one that docker would take. */
class LineError extends Error {}

const ofFiles: Completion = { candidates: [], directive: directives.default };

async function completionOf(context: CliContext, table: Commands, words: readonly string[]): Promise<Completion> {
  const { place, rest } = traverse(topPlace(table), words.slice(0, -1));
  const word = words.at(-1) ?? '';
  const { flag, before, typed, unknown } = flagAt(place, rest, word);
  const flags = place.declare();
  const args = parse(place, flags, before);
  // Where flags are over, one more `--` is a word like any other.
  const flagsAreOver = argsOf(place, [...before, '--']).length > args.length;
  if (unknown !== undefined && !flagsAreOver)
    throw new LineError(`Subcommand '${place.path.split(' ').at(-1) || 'docker'}' does not support flag '${unknown}'`);
  if (flag !== undefined && !flagsAreOver) return asked(flagValues(place.path, flag.name)({ context, args, flags, typed }));
  if (typed.startsWith('-') && !typed.includes('=') && !flagsAreOver) return flagNames(flags, typed);
  if (place.path === 'help') return ofFiles;
  const listed = args.length > 0 ? [] : place.below.filter(({ names: [first = ''] }) => first.startsWith(typed));
  if (place.below.length > 0) {
    const directive = args.length > 0 ? directives.default : directives.noFiles;
    return names(
      listed.map(({ names: [first = ''], short }) => `${first}\t${short}`),
      directive,
    );
  }
  return asked(argumentsOf(place.path)({ context, args, flags, typed }));
}

/** The daemon does not answer: the shell completes nothing, not files either. */
function asked(completion: Promise<Completion>): Promise<Completion> {
  return completion.catch(() => names([], directives.error));
}

function topPlace({ commands, groups }: Commands): Place {
  const isSupported = (command: Command): boolean => command.support.level !== 'none';
  const listedCommand = (prefix: string, command: Command): Listed => ({
    names: [nameOf(command), ...(command.aliases ?? [])],
    short: command.short,
    place: () => ({
      path: `${prefix}${nameOf(command)}`,
      declare() {
        const flags = new FlagSet();
        command.setup(flags);
        return flags;
      },
      flagsFirst: command.flagsFirst === true,
      below: [],
    }),
  });
  const plain = { declare: () => new FlagSet(), flagsFirst: true };
  const listedGroups = groups
    .map((group) => ({ group, members: group.commands.filter(isSupported) }))
    .filter(({ members }) => members.length > 0)
    .map(({ group: { name, short }, members }) => ({
      names: [name],
      short,
      place: () => ({ ...plain, path: name, below: members.map((command) => listedCommand(`${name} `, command)) }),
    }));
  const help: Listed = { names: ['help'], short: 'Help about the command', place: () => ({ ...plain, path: 'help', below: [] }) };
  const declare = (): FlagSet => {
    const flags = new FlagSet();
    declareGlobalFlags(flags);
    return flags;
  };
  const listed = commands.filter(isSupported).map((command) => listedCommand('', command));
  return { path: '', declare, flagsFirst: true, below: [...listed, ...listedGroups, help] };
}

/** The deepest command that the words name, with what stands behind its name (cobra's Traverse). */
function traverse(place: Place, words: readonly string[]): { readonly place: Place; readonly rest: readonly string[] } {
  const flags = place.declare();
  let takesValue = false;
  for (const [at, word] of words.entries()) {
    const isLong = word.startsWith('--');
    if (!takesValue && word.startsWith('-') && !word.includes('=')) {
      takesValue = (isLong || word.length === 2) && (flags.find(word.slice(isLong ? 2 : 1))?.bareValue ?? null) === null;
    } else if (takesValue) takesValue = false;
    else if (!(word.startsWith('-') && word.length > 1)) {
      const next = place.below.find((listed) => listed.names.includes(word));
      return next === undefined ? { place, rest: words } : traverse(next.place(), words.slice(at + 1));
    }
  }
  return { place, rest: words };
}

interface FlagAt {
  /** Whose value is typed. */
  readonly flag?: FlagEntry;
  /** Named, and not one of the command's. */
  readonly unknown?: string;
  /** The words before, without that flag's name. */
  readonly before: readonly string[];
  readonly typed: string;
}

/** `--name VALUE`, `--name=VALUE`, `-abn VALUE` (cobra's checkIfFlagCompletion). */
function flagAt(place: Place, rest: readonly string[], word: string): FlagAt {
  const equals = word.indexOf('=');
  const none = { before: rest, typed: word };
  const holdsBoth = word.startsWith('-') && equals !== -1;
  if (word.startsWith('-') && !holdsBoth) return none;
  const named = holdsBoth ? word.slice(0, equals) : (rest.at(-1) ?? '');
  if (!/^(?:--.|-[^-])/.test(named) || (!holdsBoth && named.includes('='))) return none;
  const name = named.startsWith('--') ? named.slice(2) : named.slice(-1);
  const flag = place.declare().find(name);
  if (flag === undefined) return { ...none, unknown: name };
  if (holdsBoth) return { flag, before: rest, typed: word.slice(equals + 1) };
  return flag.bareValue === null ? { flag, before: rest.slice(0, -1), typed: word } : none;
}

function parse(place: Place, flags: FlagSet, words: readonly string[]): readonly string[] {
  try {
    return flags.parse(words, !place.flagsFirst).args;
  } catch (error) {
    if (!(error instanceof FlagSyntaxError)) throw error;
    throw new LineError(`Error while parsing flags from args [${words.join(' ')}]: ${messageOf(error)}`);
  }
}

/** None where the line cannot be read. */
function argsOf(place: Place, words: readonly string[]): readonly string[] {
  try {
    return parse(place, place.declare(), words);
  } catch (error) {
    if (error instanceof LineError) return [];
    throw error;
  }
}

/** Those that were not given yet, or may be given again. */
function flagNames(flags: FlagSet, typed: string): Completion {
  const candidates = flags.entries
    .filter(({ hidden, deprecated, support }) => !hidden && deprecated === '' && support.level !== 'none')
    .filter(({ changed, repeats }) => !changed || repeats)
    .flatMap(({ name, short, usage }) => {
      const spellings = [`--${name}`, ...(short === '' ? [] : [`-${short}`])];
      return spellings.filter((spelling) => spelling.startsWith(typed)).map((spelling) => `${spelling}\t${usage}`);
    });
  return names(candidates);
}

function directiveName(directive: number): string {
  const bits = [
    [directives.error, 'ShellCompDirectiveError'],
    [directives.noSpace, 'ShellCompDirectiveNoSpace'],
    [directives.noFiles, 'ShellCompDirectiveNoFileComp'],
    [directives.folders, 'ShellCompDirectiveFilterDirs'],
  ] as const;
  const set = bits.filter(([bit]) => (directive & bit) !== 0).map(([, name]) => name);
  return set.length === 0 ? 'ShellCompDirectiveDefault' : set.join(', ');
}
