/** `COPY`, `ADD`, `WORKDIR`: files over a stack of layers, without a process; what was written is the next layer. */
import { layerPath, type LayerOrigin } from '../../images/layer-store.ts';
import { overlayDirectories, type Needs } from '../../containers/context.ts';
import { randomId } from '../../random.ts';
import type { Steps } from './steps.ts';

export type WriteContext = Needs<'runtime' | 'changes' | 'random' | 'host'> & { readonly steps: Steps };

export interface WrittenStep {
  /** What it wrote, for `takeDirectory`: moved, not copied. */
  readonly written: LayerOrigin;
  /** Takes away what is left of it in the guest; nothing where that was done. */
  discard(): Promise<void>;
}

/**
 * @param layers directories, topmost first; none: an empty root. They stay meanwhile
 * @param write may take as long as a client likes, for a save goes by. It is given where the guest shows the layers as one tree
 * @throws what `write` throws. Nothing is left in the guest then
 */
export async function writeStep(
  context: WriteContext,
  layers: readonly string[],
  write: (root: string) => Promise<void>,
): Promise<WrittenStep> {
  const { runtime, changes, random, host, steps } = context;
  const step = { id: randomId(random), cgroup: '', folders: [] };
  const { upper, work, merged: target } = overlayDirectories(host, step.id);
  const discard = (): Promise<void> => steps.end(context, step);
  steps.add(step);
  try {
    // The layer that is between an image and a container is no image's.
    const lowers = layers.map((directory) => layerPath(host.layerRoot, directory));
    await changes.run(() => runtime.overlayMounts.mount({ lowers, upper, work, target }));
    await write(target);
    await changes.run(() => (steps.has(step) ? runtime.overlayMounts.unmount(target) : undefined));
    return { written: { container: step.id, upper, moves: true }, discard };
  } catch (thrown) {
    // Why it failed matters more than why it could not be cleared away.
    await discard().catch(() => undefined);
    throw thrown;
  }
}
