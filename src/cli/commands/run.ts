import { DisposableStore } from '../../base/disposable.ts';
import { checkTty } from '../client/check-tty.ts';
import type { Hijacked } from '../client/engine-client.ts';
import { forwardSignals } from '../client/forward-signals.ts';
import { interact, type InteractionEnd } from '../client/interact.ts';
import { followTerminalSize } from '../client/tty-size.ts';
import { waitForExit, type ExitStatus } from '../client/wait-exit.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { full } from '../flags/support.ts';
import { isTermination } from '../../grammar/signals.ts';
import { asCommandError, containerBody, type ContainerBody } from './container-body.ts';
import { declareContainerFlags } from './container-flags.ts';
import { createContainer, declareCreateFlags, helpful, withHelp, type CreateFlags } from './create-container.ts';

interface RunOptions {
  readonly create: CreateFlags;
  readonly detach: boolean;
  readonly sigProxy: boolean;
  readonly detachKeys: string;
}

export const run: Command = {
  use: 'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
  short: 'Create and run a new container from an image',
  spellings: 'docker container run, docker run',
  arity: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  support: full,
  setup(flags) {
    const detach = flags.bool('detach', 'd', 'Run container in background and print container ID', full);
    const sigProxy = flags.bool('sig-proxy', '', 'Proxy received signals to the process', full, true);
    const detachKeys = flags.string('detach-keys', '', 'Override the key sequence for detaching a container', full);
    const create = declareCreateFlags(flags, 'Pull image before running ("always", "missing", "never")');
    const containerFlags = declareContainerFlags(flags);
    return async (context, [image = '', ...command]) => {
      const body = await withHelp('run', async () => {
        create.check();
        return asCommandError(() => containerBody(context, containerFlags, image, command));
      });
      if (detach.value && containerFlags.attach.value.length > 0)
        throw new StatusError(1, 'conflicting options: cannot specify both --attach and --detach');
      return runContainer(context, detach.value ? detached(body) : body, {
        create,
        detach: detach.value,
        sigProxy: sigProxy.value,
        detachKeys: detachKeys.value,
      });
    };
  },
};

function detached(body: ContainerBody): ContainerBody {
  return { ...body, config: { ...body.config, AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false } };
}

/** Create, attach, wait, start: in this order nothing that the container writes or how it ends can be missed. */
async function runContainer(context: CliContext, body: ContainerBody, options: RunOptions): Promise<number> {
  const { config } = body;
  if (!options.detach) checkTty(context, config.AttachStdin, config.Tty);
  const id = await createContainer(context, body, options.create).catch((error: unknown) => {
    throw runError(error);
  });
  const held = new DisposableStore();
  try {
    const attached = config.AttachStdin || config.AttachStdout || config.AttachStderr;
    if (attached) held.add(options.sigProxy ? forwardSignals(context, id) : context.interrupt.takeOver(isTermination));
    if (!attached) {
      await startContainer(context, id, body.autoRemove, null);
      await context.out(`${id}\n`);
      return 0;
    }
    return await runAttached(context, { id, body, options, held });
  } finally {
    held.dispose();
  }
}

interface AttachedRun {
  readonly id: string;
  readonly body: ContainerBody;
  readonly options: RunOptions;
  readonly held: DisposableStore;
}

async function runAttached(context: CliContext, { id, body, options, held }: AttachedRun): Promise<number> {
  const { session } = context;
  const { config } = body;
  const hijacked = await attachTo(context, id, body, options.detachKeys);
  const copied = interact(context, {
    hijacked,
    input: config.AttachStdin ? session.stdin.source : null,
    output: config.AttachStdout ? session.stdout.sink : null,
    error: config.AttachStderr ? (config.Tty ? session.stdout.sink : session.stderr.sink) : null,
    tty: config.Tty,
    detachKeys: options.detachKeys,
  });
  copied.catch(() => undefined);
  const exitStatus = await startContainer(context, id, body.autoRemove, { hijacked, copied });
  if (config.Tty && session.stdout.isTty) held.add(followTerminalSize(context, `/containers/${id}`));
  return (await copied) === 'detached' ? 0 : exitStatus();
}

async function attachTo(context: CliContext, id: string, { config }: ContainerBody, detachKeys: string): Promise<Hijacked> {
  const flag = (on: boolean): string | undefined => (on ? '1' : undefined);
  const query = {
    stream: '1',
    stdin: flag(config.AttachStdin),
    stdout: flag(config.AttachStdout),
    stderr: flag(config.AttachStderr),
    detachKeys: detachKeys || undefined,
  };
  return context.client.hijack(`/containers/${id}/attach`, { query });
}

async function startContainer(
  context: CliContext,
  id: string,
  autoRemove: boolean,
  attached: { readonly hijacked: Hijacked; readonly copied: Promise<InteractionEnd> } | null,
): Promise<ExitStatus> {
  const exitStatus = await waitForExit(context, id, autoRemove);
  try {
    await context.client.call('POST', `/containers/${id}/start`);
  } catch (error) {
    attached?.hijacked.close();
    // The terminal is given back before anything is said.
    await attached?.copied.catch(() => undefined);
    if (autoRemove) await exitStatus();
    throw runError(error);
  }
  return exitStatus;
}

const notFound = ['executable file not found', 'no such file or directory', 'system cannot find the file specified'];
const notExecutable = ['permission denied', 'is a directory'];

/** 127 for a command that is not there, 126 for one that cannot be run, 125 for everything else that the daemon refused. */
function runError(error: unknown): StatusError {
  const message = messageOf(error);
  const status = notFound.some((words) => message.includes(words))
    ? 127
    : notExecutable.some((words) => message.includes(words))
      ? 126
      : 125;
  return new StatusError(status, helpful('run', message));
}
