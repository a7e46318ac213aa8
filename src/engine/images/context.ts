import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { cancelled } from '../../base/errors.ts';
import type { Clock } from '../clock.ts';
import type { Content } from '../content/content.ts';
import type { EventLog } from '../../protocol/log.ts';
import type { Random } from '../random.ts';
import type { Registry } from '../registry/registry.ts';
import type { LayerPulls } from './layer-pulls.ts';
import type { LayerHost, LayerStore } from './layer-store.ts';
import type { ImageRecord, ImageRecords } from './records.ts';
import type { ImageUses } from './store.ts';
import type { Unpacking } from './unpack.ts';

/** What the verbs of this folder share. */
export interface ImagesContext {
  readonly records: ImageRecords;
  readonly layers: LayerStore;
  readonly layerHost: LayerHost;
  readonly content: Content;
  readonly pulls: LayerPulls;
  readonly unpacking: Unpacking;
  readonly registry: Registry;
  /** Of pulls, loads and imports under way. */
  readonly running: Set<AbortController>;
  readonly uses: ImageUses;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the guest mounts the tree of layers. */
  readonly layerRoot: string;
  /** What the guest runs; other images are refused. */
  readonly platform: { readonly os: string; readonly architecture: string };
}

export type ImageAction = 'pull' | 'tag' | 'untag' | 'delete' | 'create' | 'import' | 'load' | 'save';

/** Moby's LogImageEvent: the actor is what was named, its attributes the image's labels, while it is there, and a name. */
export function logImageEvent(
  log: EventLog,
  action: ImageAction,
  event: { readonly actor: string; readonly name: string; readonly image: ImageRecord | null; readonly of?: string },
): void {
  const labels = event.image?.config.config.Labels ?? {};
  log.append({
    kind: 'event',
    type: 'image',
    action,
    actor: { id: event.actor, attributes: { ...labels, name: event.name } },
    facts: { imageId: event.image?.id ?? event.of ?? '' },
  });
}

/** Work that brings images in: given up when the store is restored or its client goes away. */
export async function whileRunning<T>(
  { running }: ImagesContext,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(cancelled('the work'));
  running.add(controller);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await work(controller.signal);
  } finally {
    running.delete(controller);
    signal.removeEventListener('abort', stop);
  }
}

/** Layers that stay, whatever becomes of their images, until it is disposed. */
export function keepLayers(context: ImagesContext, diffIds: readonly string[]): Disposable {
  context.layers.pin(diffIds);
  return toDisposable(() => {
    context.layers.unpin(diffIds);
    sweepLayers(context);
  });
}

/** Drops layers that no image and no container needs. @returns bytes freed, and the diff IDs */
export function sweepLayers({ records, layers, content, uses }: ImagesContext): {
  readonly removed: readonly string[];
  readonly bytes: number;
} {
  const swept = layers.sweep(records.usedLayers((id) => uses.usersOf(id).length > 0));
  content.sweep();
  return swept;
}
