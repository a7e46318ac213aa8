import type { ByteSink } from '../base/streams.ts';
import { WriteError } from '../cli/errors.ts';
import { errnoText } from '../grammar/errno-text.ts';
import type { AgentRecord } from '../protocol/agent.ts';

export interface ToldSink {
  readonly sink: ByteSink;
  /** The agent's word on bytes that were sent. */
  written(note: Pick<AgentRecord<'written'>, 'size' | 'error'>): void;
}

/**
 * A write is over once the agent said how it went, as write(2) is: of files and devices, which may be full. Rejects with WriteError.
 * @param name as Docker's client calls it, `/dev/stdout` @param life nobody writes any more once it is aborted, and nobody waits
 */
export function toldSink(sink: ByteSink, name: string, life: AbortSignal): ToldSink {
  let unanswered = 0;
  let error = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  life.addEventListener('abort', wake, { once: true });
  return {
    sink: {
      async write(chunk) {
        unanswered += chunk.length;
        await sink.write(chunk);
        while (unanswered > 0 && !life.aborted) await new Promise<void>((resolve) => void waiting.push(resolve));
        if (error === 0 || life.aborted) return;
        const text = errnoText(error);
        error = 0;
        throw new WriteError(`write ${name}: ${text}`);
      },
      close: () => sink.close(),
      abort: (reason) => sink.abort(reason),
    },
    written(note) {
      unanswered -= note.size;
      if (note.error !== 0) error = note.error;
      if (unanswered <= 0) wake();
    },
  };
}
