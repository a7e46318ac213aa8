import { DisposableStore } from '../../base/disposable.ts';
import { containerPath } from '../client/engine-client.ts';
import { forwardSignals } from '../client/forward-signals.ts';
import { interact } from '../client/interact.ts';
import { followTerminalSize } from '../client/tty-size.ts';
import { waitForExit } from '../client/wait-exit.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { experimental, full } from '../flags/support.ts';

export const start: Command = {
  use: 'start [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Start one or more stopped containers',
  spellings: 'docker container start, docker start',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const attach = flags.bool('attach', 'a', 'Attach STDOUT/STDERR and forward signals', full);
    const interactive = flags.bool('interactive', 'i', "Attach container's STDIN", full);
    const detachKeys = flags.string('detach-keys', '', 'Override the key sequence for detaching a container', full);
    flags.string('checkpoint', '', 'Restore from this checkpoint', experimental);
    flags.string('checkpoint-dir', '', 'Use a custom checkpoint storage directory', experimental);
    return (context, names) => {
      if (!attach.value && !interactive.value) return startAll(context, names);
      if (names.length > 1) throw new StatusError(1, 'you cannot start and attach multiple containers at once');
      return startAttached(context, { name: names[0] ?? '', interactive: interactive.value, detachKeys: detachKeys.value });
    };
  },
};

async function startAll(context: CliContext, names: readonly string[]): Promise<void> {
  const failed: string[] = [];
  for (const name of names) {
    try {
      await context.client.call('POST', `${containerPath(name)}/start`);
      await context.out(`${name}\n`);
    } catch (error) {
      await context.err(`${messageOf(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new StatusError(1, `Error: failed to start containers: ${failed.join(', ')}`);
}

interface AttachedStart {
  readonly name: string;
  readonly interactive: boolean;
  readonly detachKeys: string;
}

async function startAttached(context: CliContext, { name, interactive, detachKeys }: AttachedStart): Promise<number> {
  const { client, session } = context;
  const container = await client.get(`${containerPath(name)}/json`);
  const id = container.string('Id');
  const tty = container.get('Config').bool('Tty');
  const withInput = interactive && container.get('Config').bool('OpenStdin');
  const held = new DisposableStore();
  try {
    if (!tty) held.add(forwardSignals(context, id));
    const query = { stream: '1', stdout: '1', stderr: '1', stdin: withInput ? '1' : undefined, detachKeys: detachKeys || undefined };
    const hijacked = await client.hijack(`/containers/${id}/attach`, { query });
    const input = withInput ? session.stdin.source : null;
    const copied = interact(context, { hijacked, input, output: session.stdout.sink, error: session.stderr.sink, tty, detachKeys });
    copied.catch(() => undefined);
    const exitStatus = await waitForExit(context, id, container.get('HostConfig').bool('AutoRemove'));
    try {
      await client.call('POST', `/containers/${id}/start`);
    } catch (error) {
      hijacked.close();
      await copied.catch(() => undefined);
      throw error;
    }
    if (tty && session.stdout.isTty) held.add(followTerminalSize(context, `/containers/${id}`));
    return (await copied) === 'detached' ? 0 : await exitStatus();
  } finally {
    held.dispose();
  }
}
