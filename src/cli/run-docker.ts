import { AppError } from '../base/errors.ts';
import { EngineClient } from './client/engine-client.ts';
import { checkArity, nameOf, type Command, type CommandGroup } from './command.ts';
import { commands, groups, topLevel } from './commands/index.ts';
import { complete, completionCommands } from './completion/complete.ts';
import { createContext, type CliContext } from './context.ts';
import { Contexts } from './contexts/contexts.ts';
import { StatusError, WriteError, messageOf } from './errors.ts';
import { FlagSet, FlagSyntaxError, type ParsedFlags } from './flags/flag-set.ts';
import { full } from './flags/support.ts';
import { declareGlobalFlags, type GlobalFlags } from './global-flags.ts';
import { commandHelp, groupHelp, topHelp, useLine } from './help.ts';
import { watchInterrupt } from './interrupt.ts';
import { clientVersion } from './product.ts';
import type { CliSession } from './session.ts';
import type { HttpHandler } from '../protocol/http.ts';
import { SIGPIPE } from '../grammar/signals.ts';

/** Runs one docker command line to its end. @returns the exit status; never rejects */
export async function runDocker(session: CliSession): Promise<number> {
  const reach = { engine: session.engine };
  const client = new EngineClient((request) => reach.engine(request));
  const interrupt = watchInterrupt(session);
  const contexts = new Contexts(session, declareGlobalFlags(new FlagSet()), () => Promise.resolve());
  const context = createContext({ session, client, contexts, interrupt });
  const command = dispatch(context, session.argv.slice(1), reach).catch((error: unknown) => report(context, error));
  try {
    return await Promise.race([command, interrupt.ended.then(({ status, message }) => context.err(message).then(() => status))]);
  } finally {
    client.dispose();
    interrupt.dispose();
  }
}

async function report(context: CliContext, error: unknown): Promise<number> {
  // Whoever read the output is gone: what SIGPIPE does to a process.
  if (error instanceof AppError && error.kind === 'cancelled') return 128 + SIGPIPE;
  const message = messageOf(error);
  if (message !== '') await context.err(`${message}\n`).catch(() => undefined);
  if (error instanceof StatusError) return error.status;
  return 1;
}

/** @param reach what the client's requests go to */
async function dispatch(context: CliContext, words: readonly string[], reach: { engine: HttpHandler }): Promise<number> {
  const flags = new FlagSet();
  const global = declareGlobalFlags(flags);
  const { args, help } = await parseFlags(context, flags, {
    words,
    interspersed: false,
    path: 'docker',
    use: 'docker [OPTIONS] COMMAND [ARG...]',
  });
  const [name, ...rest] = args;
  checkGlobals(global);
  if (name === undefined) {
    if (global.version.value && !help) await context.print(`Docker version ${clientVersion.version}, build ${clientVersion.gitCommit}\n`);
    else if (help) await printHelp(context, topScreen(context));
    else await context.err(topScreen(context));
    return 0;
  }
  // `docker --help ps` is `docker ps --help`.
  const own = help ? ['--help', ...rest] : rest;
  const logsErrors = !['panic', 'fatal'].includes(global.logLevel.value.toLowerCase());
  const completes = completionCommands.includes(name);
  const contexts = new Contexts(context.session, (completes ? globalsOf(rest) : undefined) ?? global, context.err);
  reach.engine = contexts.engine(context.session.engine);
  const reached = { ...context, contexts, ...(logsErrors ? {} : { logError: () => Promise.resolve() }) };
  if (completes) return complete(reached, { commands, groups }, name, rest);
  const group = groups.find((candidate) => candidate.name === name);
  if (group !== undefined) return dispatchGroup(reached, group, own);
  const command = name === 'help' ? helpCommand : find(commands, name);
  if (command !== undefined) return runCommand(reached, command, 'docker', own);
  if (await asksForHelp(context, own)) {
    await printHelp(context, topScreen(context));
    return 0;
  }
  throw new StatusError(1, `docker: unknown command: docker ${name}\n\nRun 'docker --help' for more information`);
}

interface FlagWords {
  readonly words: readonly string[];
  readonly interspersed: boolean;
  readonly path: string;
  readonly use: string;
}

/** Says what is deprecated. A bad flag comes with the use line and status 125. */
async function parseFlags(context: CliContext, flags: FlagSet, { words, interspersed, path, use }: FlagWords): Promise<ParsedFlags> {
  try {
    const parsed = flags.parse(words, interspersed);
    // At the top pflag writes to stderr, below it where help goes.
    for (const warning of parsed.warnings) await (path === 'docker' ? context.err : context.out)(`${warning}\n`);
    return parsed;
  } catch (error) {
    if (!(error instanceof FlagSyntaxError)) throw error;
    throw new StatusError(125, `${error.message}\n\nUsage:  ${use}\n\nRun '${path} --help' for more information`);
  }
}

/** What could not be written is said, and makes no difference (cobra's help command). */
async function printHelp(context: CliContext, text: string): Promise<void> {
  await context.print(text).catch((thrown: unknown) => {
    if (!(thrown instanceof WriteError)) throw thrown;
    return context.err(`${thrown.message}\n`);
  });
}

function checkGlobals({ hosts, context, logLevel }: GlobalFlags): void {
  if (!logLevels.has(logLevel.value.toLowerCase())) throw new StatusError(1, `Unable to parse logging level: ${logLevel.value}`);
  if (hosts.value.length > 0 && context.value !== '')
    throw new StatusError(1, 'conflicting options: cannot specify both --host and --context');
  if (hosts.value.length > 1) throw new StatusError(1, 'Failed to initialize: unable to resolve docker endpoint: Specify only one -H');
}

const logLevels: ReadonlySet<string> = new Set(['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace']);

/** What stands before the command of a line that is completed; undefined where it cannot be read yet. */
function globalsOf(words: readonly string[]): GlobalFlags | undefined {
  const flags = new FlagSet();
  const global = declareGlobalFlags(flags);
  try {
    flags.parse(words.slice(0, -1), false);
  } catch (error) {
    if (error instanceof FlagSyntaxError) return undefined;
    throw error;
  }
  return global.hosts.changed || global.context.changed || global.config.changed ? global : undefined;
}

function topScreen(context: CliContext): string {
  const flags = new FlagSet();
  declareGlobalFlags(flags);
  return topHelp(topLevel, flags, columnsOf(context.session));
}

const helpCommand: Command = {
  use: 'help [command]',
  short: 'Help about the command',
  arity: { rule: 'atLeast', count: 0 },
  support: full,
  setup: () => async (context, words) => printHelp(context, helpTopic(context, words)),
};

function helpTopic(context: CliContext, words: readonly string[]): string {
  const columns = columnsOf(context.session);
  const [first, ...others] = words;
  if (first === undefined) return topScreen(context);
  const group = groups.find((candidate) => candidate.name === first);
  const command = find(group?.commands ?? commands, group === undefined ? first : (others.shift() ?? ''));
  if (command !== undefined && others.length === 0)
    return commandHelp(command, group === undefined ? 'docker' : `docker ${first}`, columns);
  if (group !== undefined && words.length === 1) return groupHelp(group);
  const known = command === undefined ? (group === undefined ? 0 : 1) : words.length - others.length;
  throw new StatusError(1, `unknown help topic: ${words.slice(known).join(' ')}`);
}

async function dispatchGroup(context: CliContext, group: CommandGroup, words: readonly string[]): Promise<number> {
  const path = `docker ${group.name}`;
  const { args, help } = await parseFlags(context, new FlagSet(), { words, interspersed: false, path, use: path });
  const [name, ...rest] = args;
  const command = name === undefined ? undefined : find(group.commands, name);
  if (command !== undefined) return runCommand(context, command, path, help ? ['--help', ...rest] : rest);
  if (name === undefined && !help) {
    await context.err(groupHelp(group));
    return 0;
  }
  if (help || (await asksForHelp(context, rest))) {
    await printHelp(context, groupHelp(group));
    return 0;
  }
  throw new StatusError(1, `docker: unknown command: ${path} ${name}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`);
}

async function runCommand(context: CliContext, command: Command, place: string, words: readonly string[]): Promise<number> {
  const path = `${command.plugin ?? place} ${nameOf(command)}`;
  if (command.support.level === 'none' && command.refusal !== undefined) return (await command.refusal(context, words)) ?? 1;
  if (command.support.level === 'none') throw new StatusError(1, `docker: '${path}' is not supported by Drydock: ${command.support.note}`);
  const flags = new FlagSet();
  const action = command.setup(flags);
  const use = useLine(command, place);
  const { args, help } = await parseFlags(context, flags, { words, interspersed: command.flagsFirst !== true, path, use });
  if (help) {
    await printHelp(context, commandHelp(command, place, columnsOf(context.session)));
    return 0;
  }
  checkArity(command, path, use, args.length);
  refuseOtherDaemons(flags);
  return (await action(context, args)) ?? 0;
}

/** docker/cli, areFlagsSupported. */
function refuseOtherDaemons({ ofOtherDaemons: entries }: FlagSet): void {
  const daemons = {
    windows: 'a Docker daemon running on windows, but the Docker daemon is running on linux',
    experimental: 'a Docker daemon with experimental features enabled',
  };
  const lines = entries.map(({ name, support }) => `"--${name}" is only supported on ${daemons[support.only ?? 'windows']}`);
  if (lines.length > 0) throw new StatusError(1, lines.join('\n'));
}

function find(list: readonly Command[], name: string): Command | undefined {
  return list.find((command) => nameOf(command) === name || command.aliases?.includes(name));
}

/** Whether help is wanted of a command that does not exist. */
async function asksForHelp(context: CliContext, words: readonly string[]): Promise<boolean> {
  if (words.includes('-h')) await context.out('Flag shorthand -h has been deprecated, use --help\n');
  return words.includes('--help') || words.includes('-h');
}

/** pflag wraps help at the width of the terminal, 80 without one. */
function columnsOf(session: CliSession): number {
  const columns = session.stdin.isTty ? (session.terminal?.size().columns ?? 0) : 0;
  return columns > 0 ? columns : 80;
}
