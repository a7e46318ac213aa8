import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

export interface LayerView {
  /** Topmost first. */
  readonly directories: readonly string[];
  readonly target: string;
}

/**
 * Shows directories as one tree, does something with it and takes it away whatever happens. Nothing can be written: a second mount with the
 * upper directory of a container that starts meanwhile would make one of the two fail (overlayfs documentation, "Volatile mount").
 */
export async function withLayers<T>(
  channel: GuestChannel,
  { directories, target }: LayerView,
  use: (target: string) => Promise<T>,
): Promise<T> {
  const [only] = directories;
  // An overlay without upper directory needs two lower ones; of one directory the agent makes a bind mount.
  const spec = directories.length === 1 && only !== undefined ? { upper: only, target } : { lowers: directories, target };
  await request(channel, { kind: hostKind.mount, ask: 'overlaySpec', answer: 'empty' }, spec);
  try {
    return await use(target);
  } finally {
    await request(channel, { kind: hostKind.unmount, ask: 'overlaySpec', answer: 'empty' }, { target });
  }
}

/** Layers on the guest's own disk. Satisfies engine/runtime.ts's GuestLayers. */
export class GuestLayers {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /**
   * Makes a layer of what a container has written: a copy of its upper directory, or that itself under another name. The container has no files any more
   * then: for one that is finished and goes (a build step's).
   */
  async keep(layer: AgentRecordInput<'layerSpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.layerKeep, ask: 'layerSpec', answer: 'empty' }, layer);
  }
}
