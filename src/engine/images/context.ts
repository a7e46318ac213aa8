import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { cancelled } from '../../base/errors.ts';
import type { Background } from '../background.ts';
import type { Clock } from '../clock.ts';
import type { Content } from '../content/content.ts';
import type { EventLog } from '../../protocol/log.ts';
import type { Random } from '../random.ts';
import type { RegistryAuth, RegistryHosts } from '../registry/hosts.ts';
import type { Registry } from '../registry/registry.ts';
import type { InAppRegistries } from '../registry/server/registries.ts';
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
  /** What comes with the playground. */
  readonly registry: Registry;
  /** Those of the app, whose contents are among these. */
  readonly registries: InAppRegistries;
  /** That, and what hosts have for somebody. */
  readonly registryFor: (auth: RegistryAuth) => Registry;
  readonly hosts: RegistryHosts;
  /** Pulls, loads, imports and commits under way: over when the store is restored or let go of. */
  readonly background: Background;
  readonly uses: ImageUses;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the guest mounts the tree of layers. */
  readonly layerRoot: string;
  /** What the guest runs; other images are refused. */
  readonly platform: { readonly os: string; readonly architecture: string };
}

export type ImageAction = 'pull' | 'tag' | 'untag' | 'delete' | 'create' | 'import' | 'load' | 'save' | 'push';

/** Moby's LogImageEvent: the actor is what was named, its attributes the image's labels, while it is there, and a name. */
export function logImageEvent(
  log: EventLog,
  action: ImageAction,
  event: {
    readonly actor: string;
    readonly name: string;
    readonly image: ImageRecord | null;
    readonly of?: string;
    readonly facts?: Readonly<Record<string, number>>;
  },
): void {
  const labels = event.image?.config.config.Labels ?? {};
  log.append({
    kind: 'event',
    type: 'image',
    action,
    actor: { id: event.actor, attributes: { ...labels, name: event.name } },
    facts: { imageId: event.image?.id ?? event.of ?? '', ...event.facts },
  });
}

/**
 * Work that brings images in, by name: given up when the store is restored or its client goes away. What it has to wait for it has to give up with the
 * signal at once: a restore waits for its end, so that nothing of it is left.
 */
export function whileRunning<T>(
  { background }: Pick<ImagesContext, 'background'>,
  name: string,
  client: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    background.start(name, (owner) => {
      const controller = new AbortController();
      const stop = (): void => controller.abort(cancelled(`the ${name}`));
      for (const signal of [owner, client]) signal.addEventListener('abort', stop, { once: true });
      if (owner.aborted || client.aborted) stop();
      return work(controller.signal)
        .then(resolve, reject)
        .finally(() => client.removeEventListener('abort', stop));
    });
  });
}

/** Layers that stay, whatever becomes of their images, until it is disposed. */
export function keepLayers(context: ImagesContext, diffIds: readonly string[]): Disposable {
  context.layers.pin(diffIds);
  return toDisposable(() => {
    context.layers.unpin(diffIds);
    sweepLayers(context);
  });
}

/** A container stands on the image's layers, or shows them. */
export function isNeeded(uses: ImageUses, imageId: string): boolean {
  return uses.usersOf(imageId).length > 0 || uses.mountersOf(imageId).length > 0;
}

/** Drops layers that no image and no container needs. @returns bytes freed, and the diff IDs */
export function sweepLayers({ records, layers, content, uses }: ImagesContext): {
  readonly removed: readonly string[];
  readonly bytes: number;
} {
  const swept = layers.sweep(records.usedLayers((id) => isNeeded(uses, id)));
  content.sweep();
  return swept;
}
