import { humanSize } from '../../grammar/units.ts';
import type { JsonMessage } from '../../protocol/engine-api.ts';
import type { Source } from '../source.ts';

/** What a layer on its way is doing; `bytes` of `total`, compressed. */
export type LayerProgress =
  | { readonly step: 'Waiting' | 'Verifying Checksum' | 'Download complete' | 'Pull complete' }
  | { readonly step: 'Downloading' | 'Extracting'; readonly bytes: number; readonly total: number };

/** Messages for one client; kept until they are read. */
export class MessageQueue<Message = JsonMessage> implements Source<Message> {
  readonly #waiting: Message[] = [];
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #onCancel: () => void;

  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
  }

  push(message: Message): void {
    if (!this.#ended) this.#waiting.push(message);
    this.#notify();
  }

  end(): void {
    this.#ended = true;
    this.#notify();
  }

  async read(): Promise<Message | null> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift() ?? null;
  }

  cancel(): void {
    this.#waiting.length = 0;
    this.end();
    this.#onCancel();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

export function layerMessage(id: string, progress: LayerProgress): JsonMessage {
  if (!('bytes' in progress)) return { status: progress.step, progressDetail: {}, id };
  return progressMessage(id, progress.step, progress.bytes, progress.total);
}

/** How far something is, in bytes. */
export function progressMessage(id: string, status: string, bytes: number, total: number): JsonMessage {
  return { status, progressDetail: { current: bytes, total }, progress: progressBar(bytes, total), id };
}

/** The bar that older clients print as it comes (moby: pkg/jsonmessage, JSONProgress.String). */
function progressBar(current: number, total: number): string {
  if (current <= 0 && total <= 0) return '';
  const filled = total <= 0 ? 0 : Math.min(50, Math.floor((current / total) * 50));
  return `[${'='.repeat(filled)}>${' '.repeat(50 - filled)}] ${humanSize(current).padStart(8)}/${humanSize(total)}`;
}

/** Passes on the first, the last, and what is at least a fiftieth further. */
export function coarse(total: number, tell: (bytes: number) => void): (bytes: number) => void {
  let told = -1;
  return (bytes) => {
    if (told >= 0 && bytes < total && bytes - told < total / 50) return;
    told = bytes;
    tell(bytes);
  };
}
