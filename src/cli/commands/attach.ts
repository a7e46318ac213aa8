import { DisposableStore } from '../../base/disposable.ts';
import { checkTty } from '../client/check-tty.ts';
import { containerPath } from '../client/engine-client.ts';
import { forwardSignals } from '../client/forward-signals.ts';
import { interact } from '../client/interact.ts';
import { followTerminalSize } from '../client/tty-size.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import type { JsonView } from '../json.ts';

interface AttachOptions {
  readonly name: string;
  readonly noStdin: boolean;
  readonly sigProxy: boolean;
  readonly detachKeys: string;
}

export const attach: Command = {
  use: 'attach [OPTIONS] CONTAINER',
  short: 'Attach local standard input, output, and error streams to a running container',
  spellings: 'docker container attach, docker attach',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const noStdin = flags.bool('no-stdin', '', 'Do not attach STDIN', full);
    const sigProxy = flags.bool('sig-proxy', '', 'Proxy all received signals to the process', full, true);
    const detachKeys = flags.string('detach-keys', '', 'Override the key sequence for detaching a container', full);
    return (context, [name = '']) =>
      attachTo(context, { name, noStdin: noStdin.value, sigProxy: sigProxy.value, detachKeys: detachKeys.value });
  },
};

async function attachTo(context: CliContext, { name, noStdin, sigProxy, detachKeys }: AttachOptions): Promise<number> {
  const { client, session } = context;
  const path = containerPath(name);
  // Asked first, so that an exit between the check and the attach is not missed.
  const exited = client.post(`${path}/wait`);
  exited.catch(() => undefined);
  const container = await inspectRunning(context, path);
  const tty = container.get('Config').bool('Tty');
  checkTty(context, !noStdin, tty);
  const withInput = !noStdin && container.get('Config').bool('OpenStdin');
  const held = new DisposableStore();
  try {
    if (sigProxy && !tty) held.add(forwardSignals(context, name));
    const query = { stream: '1', stdout: '1', stderr: '1', stdin: withInput ? '1' : undefined, detachKeys: detachKeys || undefined };
    const hijacked = await client.hijack(`${path}/attach`, { query });
    await inspectRunning(context, path);
    if (tty && session.stdout.isTty) held.add(await redrawAndFollow(context, path));
    const input = withInput ? session.stdin.source : null;
    const end = await interact(context, { hijacked, input, output: session.stdout.sink, error: session.stderr.sink, tty, detachKeys });
    if (end === 'detached') throw new StatusError(1, 'read escape sequence');
    return await exitStatus(await exited);
  } finally {
    held.dispose();
  }
}

async function inspectRunning(context: CliContext, path: string): Promise<JsonView> {
  const container = await context.client.get(`${path}/json`);
  const state = container.get('State');
  if (!state.bool('Running')) throw new StatusError(1, 'You cannot attach to a stopped container, start it first');
  if (state.bool('Paused')) throw new StatusError(1, 'You cannot attach to a paused container, unpause it first');
  if (state.bool('Restarting')) throw new StatusError(1, 'You cannot attach to a restarting container, wait until it is running');
  return container;
}

/** A size one larger and back again makes the program inside draw its screen for the newcomer. */
async function redrawAndFollow(context: CliContext, path: string): Promise<ReturnType<typeof followTerminalSize>> {
  const size = context.session.terminal?.size() ?? { rows: 0, columns: 0 };
  const query = { h: String(size.rows + 1), w: String(size.columns + 1) };
  await context.client.call('POST', `${path}/resize`, { query }).catch(() => undefined);
  return followTerminalSize(context, path);
}

async function exitStatus(answer: JsonView): Promise<number> {
  const failure = answer.get('Error').string('Message');
  if (failure !== '') throw new StatusError(1, failure);
  return answer.number('StatusCode');
}
