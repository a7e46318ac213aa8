import { AppError } from '../../../base/errors.ts';
import type { ByteSink } from '../../../base/streams.ts';
import type { Source } from '../../source.ts';
import type { Container } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import type { OutputChunk } from '../streams/output-hub.ts';
import type { AttachSession } from '../streams/process-streams.ts';

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly logs: boolean;
  readonly stream: boolean;
}

/** POST /containers/{id}/attach: to the run there is, or to the next one of a container that is not started yet. */
export function attachToContainer(context: Needs<'store' | 'events'>, reference: string, options: AttachOptions): AttachSession {
  const container = context.store.find(reference);
  if (container.state.status === 'paused')
    throw new AppError('conflict', `container ${reference} is paused, unpause the container before attach`);
  if (container.state.status === 'restarting') {
    throw new AppError('conflict', `container ${reference} is restarting, wait until the container is running`);
  }
  const earlier = options.logs ? container.logs.read(options) : null;
  if (!options.stream) return { tty: container.config.Tty, output: chain(earlier, null), input: null, detach: () => undefined };
  const session = container.streams.attach(options);
  logContainerEvent(context, container, 'attach');
  let over = false;
  const leave = (): void => {
    if (over) return;
    over = true;
    logContainerEvent(context, container, 'detach');
  };
  return {
    ...session,
    output: chain(earlier, {
      async read() {
        const chunk = await session.output.read();
        if (chunk === null) over = true;
        return chunk;
      },
      cancel: () => session.output.cancel(),
    }),
    input: session.input === null ? null : leavingAtEnd(session.input, container, leave),
    detach() {
      session.detach();
      leave();
    },
  };
}

/**
 * Where the end of a client's input is not the process's, it ends the session (container/stream/attach.go). Docker's own client detaches
 * so: it takes the detach keys itself and closes its half.
 */
function leavingAtEnd(input: ByteSink, container: Container, leave: () => void): ByteSink {
  const { StdinOnce: once, Tty: tty } = container.config;
  if (once && !tty) return input;
  const close = async (): Promise<void> => {
    await input.close();
    if (container.run !== null) leave();
  };
  return { write: (chunk) => input.write(chunk), close, abort: () => void close() };
}

/** What was logged, then what comes. */
function chain(earlier: Source<readonly OutputChunk[]> | null, rest: Source<OutputChunk> | null): Source<OutputChunk> {
  let log = earlier;
  let pending: OutputChunk[] = [];
  return {
    async read() {
      while (pending.length === 0 && log !== null) {
        const batch = await log.read();
        if (batch === null) log = null;
        else pending = [...batch].reverse();
      }
      return pending.pop() ?? (await rest?.read()) ?? null;
    },
    cancel() {
      log?.cancel();
      log = null;
      pending = [];
      rest?.cancel();
    },
  };
}
