import { checkTty } from '../client/check-tty.ts';
import { containerPath } from '../client/engine-client.ts';
import { interact } from '../client/interact.ts';
import { consoleSizeOf, followTerminalSize } from '../client/tty-size.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { acceptEnvironment, readEnvironment } from '../flags/environment.ts';
import { full } from '../flags/support.ts';

interface ExecOptions {
  readonly container: string;
  readonly command: readonly string[];
  readonly detach: boolean;
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly detachKeys: string;
  readonly user: string;
  readonly privileged: boolean;
  readonly workdir: string;
  readonly env: readonly string[];
  readonly envFiles: readonly string[];
}

export const exec: Command = {
  use: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
  short: 'Execute a command in a running container',
  spellings: 'docker container exec, docker exec',
  arity: { rule: 'atLeast', count: 2 },
  flagsFirst: true,
  support: full,
  setup(flags) {
    const detachKeys = flags.string('detach-keys', '', 'Override the key sequence for detaching a container', full);
    const interactive = flags.bool('interactive', 'i', 'Keep STDIN open even if not attached', full);
    const tty = flags.bool('tty', 't', 'Allocate a pseudo-TTY', full);
    const detach = flags.bool('detach', 'd', 'Detached mode: run command in the background', full);
    const user = flags.string('user', 'u', 'Username or UID (format: "<name|uid>[:<group|gid>]")', full);
    const privileged = flags.bool('privileged', '', 'Give extended privileges to the command', full);
    const env = flags.list('env', 'e', 'Set environment variables', full, acceptEnvironment);
    const envFiles = flags.list('env-file', '', 'Read in a file of environment variables', full);
    const workdir = flags.string('workdir', 'w', 'Working directory inside the container', full);
    return (context, [container = '', ...command]) =>
      execIn(context, {
        container,
        command,
        detach: detach.value,
        interactive: interactive.value,
        tty: tty.value,
        detachKeys: detachKeys.value,
        user: user.value,
        privileged: privileged.value,
        workdir: workdir.value,
        env: env.value,
        envFiles: envFiles.value,
      });
  },
};

async function execIn(context: CliContext, options: ExecOptions): Promise<number> {
  const { client } = context;
  const env = await readEnvironment(context, options.envFiles, options.env);
  const path = containerPath(options.container);
  const attachStdin = options.interactive && !options.detach;
  // "No such container" comes before a complaint about the terminal, and nothing is made that would be left behind.
  await client.get(`${path}/json`);
  if (!options.detach) checkTty(context, attachStdin, options.tty);
  const consoleSize = options.tty ? consoleSizeOf(context) : null;
  const created = await client.post(`${path}/exec`, {}, createBody(options, env, consoleSize));
  const id = created.string('Id');
  if (id === '') throw new StatusError(1, 'exec ID empty');
  if (options.detach) {
    const body = { Detach: true, Tty: options.tty, ...(consoleSize === null ? {} : { ConsoleSize: consoleSize }) };
    await client.call('POST', `/exec/${id}/start`, { body });
    return 0;
  }
  return runAttached(context, options, { id, attachStdin, consoleSize });
}

function createBody(options: ExecOptions, env: readonly string[], consoleSize: readonly [number, number] | null): object {
  const attached = !options.detach;
  return {
    User: options.user,
    Privileged: options.privileged,
    Tty: options.tty,
    ...(consoleSize === null ? {} : { ConsoleSize: consoleSize }),
    AttachStdin: attached && options.interactive,
    AttachStderr: attached,
    AttachStdout: attached,
    Detach: options.detach,
    DetachKeys: options.detachKeys,
    Env: env.length === 0 ? null : env,
    WorkingDir: options.workdir,
    Cmd: options.command,
  };
}

interface StartedExec {
  readonly id: string;
  readonly attachStdin: boolean;
  readonly consoleSize: readonly [number, number] | null;
}

async function runAttached(context: CliContext, options: ExecOptions, { id, attachStdin, consoleSize }: StartedExec): Promise<number> {
  const { client, session } = context;
  const { tty, detachKeys } = options;
  const body = { Detach: false, Tty: tty, ...(consoleSize === null ? {} : { ConsoleSize: consoleSize }) };
  const hijacked = await client.hijack(`/exec/${id}/start`, { body });
  const following = tty && session.stdin.isTty ? followTerminalSize(context, `/exec/${id}`) : null;
  try {
    const error = tty ? session.stdout.sink : session.stderr.sink;
    const end = await interact(context, {
      hijacked,
      input: attachStdin ? session.stdin.source : null,
      output: session.stdout.sink,
      error,
      tty,
      detachKeys,
    });
    if (end === 'detached') throw new StatusError(1, 'read escape sequence');
  } finally {
    following?.dispose();
  }
  return (await client.get(`/exec/${id}/json`)).number('ExitCode');
}
