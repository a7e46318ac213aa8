import { StatusError } from './errors.ts';
import type { CliContext } from './context.ts';
import type { FlagSet } from './flags/flag-set.ts';
import type { Support } from './flags/support.ts';

/** Runs with the words that are no flags. Resolves to the exit status; undefined is 0. */
export type CommandAction = (context: CliContext, args: readonly string[]) => Promise<number | void>;

/** How many words a command takes. */
export type Arity =
  | { readonly rule: 'none' }
  | { readonly rule: 'exactly' | 'atLeast' | 'atMost'; readonly count: number }
  /** `exactly` in cobra's own words, without the use line. */
  | { readonly rule: 'accepts'; readonly count: number }
  | { readonly rule: 'between'; readonly least: number; readonly most: number };

export interface Command {
  /** The use line without "docker": `ps [OPTIONS]`. Its first word is the command's name. */
  readonly use: string;
  readonly short: string;
  /** In place of `short` on its own help screen. */
  readonly long?: string;
  /** Other names at the same place. */
  readonly aliases?: readonly string[];
  /** The "Aliases:" paragraph of the help screen. */
  readonly spellings?: string;
  readonly arity: Arity;
  /** Of a plugin of Docker's: the place that help and complaints name wherever it stands; its errors begin with ERROR. */
  readonly plugin?: string;
  /** Flags end at the first word that is none (run, create, exec, top). */
  readonly flagsFirst?: boolean;
  readonly support: Support;
  /** Of a command without support: what Docker itself says where it cannot, in place of our own words. */
  readonly refusal?: CommandAction;
  /** Declares the flags and returns what runs once they are parsed. */
  readonly setup: (flags: FlagSet) => CommandAction;
}

/** `docker container`, `docker image` …: a folder of commands. */
export interface CommandGroup {
  readonly name: string;
  readonly short: string;
  readonly commands: readonly Command[];
}

export function nameOf(command: Command): string {
  return command.use.split(' ', 1)[0] ?? command.use;
}

/** The same command at another place: `ps` is `container ls`. */
export function respell(command: Command, use: string, aliases: readonly string[] = [], short = command.short): Command {
  return { ...command, use, aliases, short };
}

/** Throws Docker's own complaint if the number of words is wrong. @param path `docker ps` */
export function checkArity(command: Command, path: string, useLine: string, count: number): void {
  if (command.arity.rule === 'accepts') {
    if (count !== command.arity.count) throw new StatusError(1, `accepts ${command.arity.count} arg(s), received ${count}`);
    return;
  }
  const complaint = complaintOf(command.arity, count);
  if (complaint === null) return;
  const [demand, lead] = complaint;
  const kind = command.plugin === undefined ? '' : 'ERROR: ';
  throw new StatusError(1, `${kind}docker: '${path}' ${demand}\n\nUsage:  ${useLine}\n\n${lead} '${path} --help' for more information`);
}

function complaintOf(arity: Exclude<Arity, { readonly rule: 'accepts' }>, count: number): [demand: string, lead: string] | null {
  const words = (many: number): string => `${many} argument${many === 1 ? '' : 's'}`;
  switch (arity.rule) {
    case 'none':
      return count === 0 ? null : ['accepts no arguments', 'Run'];
    case 'exactly':
      return count === arity.count ? null : [`requires ${words(arity.count)}`, 'Run'];
    case 'atLeast':
      return count >= arity.count ? null : [`requires at least ${words(arity.count)}`, 'See'];
    case 'atMost':
      // "SRun" is the real client's own slip (docker/cli 28.2, cli/required.go).
      return count <= arity.count ? null : [`requires at most ${words(arity.count)}`, 'SRun'];
    case 'between':
      return count >= arity.least && count <= arity.most
        ? null
        : [`requires at least ${arity.least} and at most ${words(arity.most)}`, 'Run'];
  }
}
