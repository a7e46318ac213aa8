import type { ByteSink, ByteSource } from '../../base/streams.ts';
import type { CliContext } from '../context.ts';
import { copyTo, demultiplex } from './demultiplex.ts';
import { parseDetachKeys, watchDetachKeys } from '../../grammar/detach-keys.ts';
import type { Hijacked } from './engine-client.ts';

export interface Interaction {
  readonly hijacked: Hijacked;
  /** null: nothing is sent; the write side is closed at once. */
  readonly input: ByteSource | null;
  readonly output: ByteSink | null;
  readonly error: ByteSink | null;
  readonly tty: boolean;
  /** '' for the default. */
  readonly detachKeys: string;
}

export type InteractionEnd = 'ended' | 'detached';

/**
 * Copies between the caller and a hijacked connection until the output ends, the detach keys are typed, the connection is closed here, or
 * the input ends and there is no output to wait for. The terminal is raw meanwhile if `tty` and there is input.
 */
export async function interact(context: CliContext, interaction: Interaction): Promise<InteractionEnd> {
  const { terminal } = context.session;
  const raw = interaction.tty && interaction.input !== null && terminal !== null;
  let isRaw = raw;
  const giveBack = async (): Promise<void> => {
    if (isRaw) await terminal?.setRaw(false);
    isRaw = false;
  };
  const givingBack = context.interrupt.beforeEnd(giveBack);
  if (raw) await terminal.setRaw(true);
  try {
    const hasOutput = interaction.output !== null || interaction.error !== null;
    const output = (hasOutput ? copyOutput(interaction) : interaction.hijacked.closed).then((): InteractionEnd => 'ended');
    const input = copyInput(interaction).then((end): InteractionEnd | Promise<InteractionEnd> =>
      end === 'detached' || !hasOutput ? end : output,
    );
    return await Promise.race([output, input]);
  } finally {
    givingBack.dispose();
    await giveBack();
    interaction.input?.cancel();
    interaction.hijacked.close();
  }
}

async function copyOutput({ hijacked, output, error, tty }: Interaction): Promise<void> {
  if (tty) await copyTo(hijacked.connection.source, output);
  else await demultiplex(hijacked.connection.source, output, error);
}

async function copyInput(interaction: Interaction): Promise<InteractionEnd> {
  const { sink } = interaction.hijacked.connection;
  const end = interaction.input === null ? 'ended' : await sendInput(interaction, interaction.input, sink);
  if (end === 'ended') await sink.close();
  return end;
}

async function sendInput(interaction: Interaction, input: ByteSource, sink: ByteSink): Promise<InteractionEnd> {
  const watch = interaction.tty ? watchDetachKeys(keysOf(interaction.detachKeys)) : null;
  for (;;) {
    const chunk = await input.read();
    if (chunk === null) return 'ended';
    const { forward, detached } = watch?.push(chunk) ?? { forward: chunk, detached: false };
    // A connection that is gone shows on the output side; its words are the ones to report.
    if (forward.length > 0 && !(await accepted(sink, forward))) return 'ended';
    if (detached) return 'detached';
  }
}

async function accepted(sink: ByteSink, chunk: Uint8Array): Promise<boolean> {
  try {
    await sink.write(chunk);
    return true;
  } catch {
    return false;
  }
}

/** What is no sequence is refused by the engine when it attaches; until then the default holds. */
function keysOf(text: string): Uint8Array {
  try {
    return parseDetachKeys(text);
  } catch {
    return parseDetachKeys('');
  }
}
