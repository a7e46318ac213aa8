import { cancelled } from '../../base/errors.ts';
import type { Background } from '../background.ts';
import type { Descriptor } from '../registry/oci.ts';
import type { LayerStore } from './layer-store.ts';
import type { Layer } from './layer-tree.ts';
import type { ByteSource } from '../../base/streams.ts';
import { coarse, type LayerProgress } from './progress.ts';
import { Slots } from './slots.ts';
import { unpackLayer, type PackedLayer, type Unpacking } from './unpack.ts';

export interface LayerRequest {
  /** From where it is asked for, in whose name it may be. */
  readonly fetch: (signal: AbortSignal) => Promise<ByteSource>;
  readonly descriptor: Descriptor;
  readonly diffId: string;
  /** The layer below: unpacked first, as Docker does it. Its failure is not this layer's. */
  readonly after: Promise<void>;
}

interface Heard {
  readonly listeners: Set<(progress: LayerProgress) => void>;
  last: LayerProgress | null;
}

interface Job {
  readonly done: Promise<void>;
  readonly stop: () => void;
  readonly heard: Heard;
}

/** Docker's max-concurrent-downloads. */
const downloadsAtOnce = 3;

/** Brings layers into the store. Two pulls that want the same layer share one download; it stops when nobody wants it any more. */
export class LayerPulls {
  readonly #store: LayerStore;
  readonly #unpacking: Unpacking;
  readonly #jobs = new Map<string, Job>();
  readonly #background: Background;
  readonly #slots = new Slots(downloadsAtOnce);

  constructor(options: { readonly store: LayerStore; readonly unpacking: Unpacking; readonly background: Background }) {
    this.#background = options.background;
    this.#store = options.store;
    this.#unpacking = options.unpacking;
  }

  /** Resolves when the layer is in the store; the caller holds its blob's digest. Rejects `cancelled` on abort, at once. */
  async pull(request: LayerRequest, onProgress: (progress: LayerProgress) => void, signal: AbortSignal): Promise<void> {
    const key = `${request.descriptor.digest} ${request.diffId}`;
    const job = this.#jobs.get(key) ?? this.#start(key, request);
    const { listeners, last } = job.heard;
    listeners.add(onProgress);
    if (last !== null) onProgress(last);
    try {
      await untilAborted(job.done, signal);
    } finally {
      listeners.delete(onProgress);
      if (listeners.size === 0) {
        job.stop();
        if (this.#jobs.get(key) === job) this.#jobs.delete(key);
      }
    }
  }

  #start(key: string, request: LayerRequest): Job {
    // Before there is a job: one that has to wait says so at once.
    const heard: Heard = { listeners: new Set(), last: null };
    const tell = (progress: LayerProgress): void => {
      heard.last = progress;
      for (const listener of [...heard.listeners]) listener(progress);
    };
    const running: AbortController[] = [];
    const done = new Promise<void>((resolve, reject) => {
      running.push(this.#background.start('layer', (signal) => this.#run(request, tell, signal).then(resolve, reject)));
    });
    const stop = (): void => running.forEach((control) => control.abort(cancelled('the pull')));
    const job: Job = { done, stop, heard };
    this.#jobs.set(key, job);
    done.catch(() => undefined).finally(() => this.#jobs.get(key) === job && this.#jobs.delete(key));
    return job;
  }

  async #run(
    { fetch, descriptor, diffId, after }: LayerRequest,
    tell: (progress: LayerProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const total = descriptor.size;
    const steps = (step: 'Downloading' | 'Extracting'): ((bytes: number) => void) => coarse(total, (bytes) => tell({ step, bytes, total }));
    // Nothing of it stays behind, whoever wanted it.
    const held = this.#unpacking.content.hold([descriptor.digest]);
    try {
      await this.#slots.run(
        async () => {
          const onProgress = steps('Downloading');
          const isFetched = await this.#unpacking.content.put(descriptor, () => fetch(signal), {
            onProgress,
            signal,
          });
          if (isFetched) tell({ step: 'Verifying Checksum' });
          else onProgress(total);
          tell({ step: 'Download complete' });
        },
        () => tell({ step: 'Waiting' }),
      );
      // Only the order: who asked first may have gone, and the layer below fail, while somebody else wants this one.
      await after.catch(() => undefined);
      signal.throwIfAborted();
      const layer = await this.#unpack({ descriptor, diffId }, steps('Extracting'), signal);
      signal.throwIfAborted();
      this.#store.add(diffId, layer, { kind: 'blob', descriptor });
      tell({ step: 'Pull complete' });
    } finally {
      held.dispose();
    }
  }

  /** A blob that does not hold what it should is not kept: the next pull fetches it again. */
  async #unpack(layer: PackedLayer, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<Layer> {
    try {
      return await unpackLayer(this.#unpacking, layer, onProgress, signal);
    } catch (thrown) {
      if (!signal.aborted) await this.#unpacking.content.discard(layer.descriptor.digest);
      throw thrown;
    }
  }
}

function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled('the pull'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
