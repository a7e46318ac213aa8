import { AppError } from '../base/errors.ts';
import { EngineClient } from './client/engine-client.ts';
import { checkArity, nameOf, type Command, type CommandGroup } from './command.ts';
import { commands, groups, topLevel } from './commands/index.ts';
import { createContext, type CliContext } from './context.ts';
import { StatusError, messageOf } from './errors.ts';
import { FlagSet, FlagSyntaxError, HelpRequested } from './flags/flag-set.ts';
import { declareGlobalFlags, type GlobalFlags } from './global-flags.ts';
import { commandHelp, groupHelp, topHelp, useLine } from './help.ts';
import { watchInterrupt } from './interrupt.ts';
import { clientVersion } from './product.ts';
import type { CliSession } from './session.ts';
import { sigpipe } from './signals.ts';

/** Runs one docker command line to its end. @returns the exit status; never rejects */
export async function runDocker(session: CliSession): Promise<number> {
  const client = new EngineClient(session.engine);
  const interrupt = watchInterrupt(session);
  const context = createContext(session, client, interrupt);
  const command = dispatch(context, session.argv.slice(1)).catch((error: unknown) => report(context, error));
  try {
    return await Promise.race([command, interrupt.ended.then(({ status, message }) => context.err(message).then(() => status))]);
  } finally {
    client.dispose();
    interrupt.dispose();
  }
}

async function report(context: CliContext, error: unknown): Promise<number> {
  // Whoever read the output is gone: what SIGPIPE does to a process.
  if (error instanceof AppError && error.kind === 'cancelled') return 128 + sigpipe;
  const message = messageOf(error);
  if (message !== '') await context.err(`${message}\n`).catch(() => undefined);
  if (error instanceof StatusError) return error.status;
  return 1;
}

async function dispatch(context: CliContext, words: readonly string[]): Promise<number> {
  const flags = new FlagSet();
  const global = declareGlobalFlags(flags);
  const parsed = await parseGlobal(context, flags, words);
  if (parsed === 'helped') return 0;
  if (global.version.value) {
    await context.out(`Docker version ${clientVersion.version}, build ${clientVersion.gitCommit}\n`);
    return 0;
  }
  const [name, ...rest] = parsed;
  if (name === undefined || (name === 'help' && rest.length === 0)) return showTop(context, flags);
  if (name === 'help') return helpTopic(context, rest);
  checkHost(context, global);
  const group = groups.find((candidate) => candidate.name === name);
  if (group !== undefined) return dispatchGroup(context, group, rest);
  const command = find(commands, name);
  if (command !== undefined) return runCommand(context, command, 'docker', rest);
  if (asksForHelp(rest)) return showTop(context, flags);
  throw new StatusError(1, `docker: unknown command: docker ${name}\n\nRun 'docker --help' for more information`);
}

/** The engine of this session is the only one there is; another address is one nobody listens at. */
function checkHost(context: CliContext, global: GlobalFlags): void {
  const host = global.hosts.value.at(-1) ?? context.session.env['DOCKER_HOST'] ?? '';
  if (host === '' || host === 'unix:///var/run/docker.sock' || host === 'unix:///run/docker.sock') return;
  throw new StatusError(1, `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`);
}

async function parseGlobal(context: CliContext, flags: FlagSet, words: readonly string[]): Promise<readonly string[] | 'helped'> {
  try {
    return flags.parse(words, false).args;
  } catch (error) {
    if (error instanceof HelpRequested) {
      if (error.byShorthand) await context.err(shorthandHelp);
      await showTop(context, flags);
      return 'helped';
    }
    throw usageError(error, 'docker [OPTIONS] COMMAND [ARG...]', 'docker');
  }
}

async function showTop(context: CliContext, flags: FlagSet): Promise<number> {
  await context.out(topHelp(topLevel, flags, columnsOf(context.session)));
  return 0;
}

async function helpTopic(context: CliContext, words: readonly string[]): Promise<number> {
  const [first = '', second] = words;
  const group = groups.find((candidate) => candidate.name === first);
  const inGroup = group !== undefined && second !== undefined ? find(group.commands, second) : undefined;
  if (group !== undefined && second !== undefined && inGroup === undefined) throw new StatusError(1, `unknown help topic: ${second}`);
  const command = inGroup ?? find(commands, first);
  if (command !== undefined)
    await context.out(commandHelp(command, inGroup === undefined ? 'docker' : `docker ${first}`, columnsOf(context.session)));
  else if (group !== undefined) await context.out(groupHelp(group));
  else throw new StatusError(1, `unknown help topic: ${words.join(' ')}`);
  return 0;
}

async function dispatchGroup(context: CliContext, group: CommandGroup, words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  const command = name === undefined ? undefined : find(group.commands, name);
  if (command !== undefined) return runCommand(context, command, `docker ${group.name}`, rest);
  const path = `docker ${group.name}`;
  if (name === undefined || asksForHelp(words)) {
    if (words.includes('-h')) await warnShorthandHelp(context, new HelpRequested(true));
    await context.out(groupHelp(group));
    return 0;
  }
  if (name.startsWith('-')) throw unknownGroupFlag(name, path);
  throw new StatusError(1, `docker: unknown command: ${path} ${name}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`);
}

function unknownGroupFlag(word: string, path: string): StatusError {
  try {
    new FlagSet().parse([word], true);
  } catch (error) {
    return usageError(error, path, path);
  }
  return new StatusError(125, `unknown flag: ${word}`);
}

async function runCommand(context: CliContext, command: Command, place: string, words: readonly string[]): Promise<number> {
  const path = `${place} ${nameOf(command)}`;
  if (command.support.level === 'none') throw new StatusError(1, `docker: '${path}' is not supported by Drydock: ${command.support.note}`);
  const flags = new FlagSet();
  const action = command.setup(flags);
  try {
    const { args, warnings } = flags.parse(words, command.flagsFirst !== true);
    // pflag writes them where help goes.
    for (const warning of warnings) await context.out(`${warning}\n`);
    checkArity(command, path, useLine(command, place), args.length);
    return (await action(context, args)) ?? 0;
  } catch (error) {
    if (error instanceof HelpRequested) {
      await warnShorthandHelp(context, error);
      await context.out(commandHelp(command, place, columnsOf(context.session)));
      return 0;
    }
    throw usageError(error, useLine(command, place), path);
  }
}

const shorthandHelp = 'Flag shorthand -h has been deprecated, use --help\n';

async function warnShorthandHelp(context: CliContext, request: HelpRequested): Promise<void> {
  if (request.byShorthand) await context.out(shorthandHelp);
}

/** A bad flag comes with the use line and status 125; anything else passes through. */
function usageError(error: unknown, use: string, path: string): StatusError {
  if (!(error instanceof FlagSyntaxError)) throw error;
  return new StatusError(125, `${error.message}\n\nUsage:  ${use}\n\nRun '${path} --help' for more information`);
}

function find(list: readonly Command[], name: string): Command | undefined {
  return list.find((command) => nameOf(command) === name || command.aliases?.includes(name));
}

function asksForHelp(words: readonly string[]): boolean {
  return words.includes('--help') || words.includes('-h');
}

/** pflag wraps help at the width of the terminal, 80 without one. */
function columnsOf(session: CliSession): number {
  const columns = session.stdin.isTty ? (session.terminal?.size().columns ?? 0) : 0;
  return columns > 0 ? columns : 80;
}
