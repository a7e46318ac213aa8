import { createDeferred } from '../../../base/deferred.ts';
import { AppError, cancelled } from '../../../base/errors.ts';
import { unlessAborted } from '../../background.ts';
import type { Holdable } from '../../lock.ts';
import type { ContainerStore } from '../store.ts';

export interface Standing {
  readonly store: Pick<ContainerStore, 'locks' | 'holdUntil'>;
  /** What changes the guest outside of containers' locks. */
  readonly changes: Holdable;
}

/**
 * Runs something while no verb is in the middle of anything: nobody holds a container's lock, no network is being made, no exec started. What
 * comes meanwhile waits, and so do ends of runs. What may take as long as a client likes (an upload, a folder that is read) goes on:
 * what it has mounted is in the snapshot, so that a restore takes it away.
 * @throws AppError conflict while another one holds them; cancelled
 */
export async function atStandstill<T>(
  { store, changes }: Standing,
  use: () => Promise<T>,
  signal = new AbortController().signal,
): Promise<T> {
  const all = (): readonly Holdable[] => [...store.locks(), changes];
  // One after the other would hold some while it waits for others, and who has two locks would wait for ever.
  for (let busy = busyOf(all()); busy.length > 0; busy = busyOf(all())) {
    await unlessAborted(Promise.all(busy.map((each) => each.whenIdle())), signal);
    if (signal.aborted) throw cancelled('saving the machine');
  }
  // Two would release each other's.
  if (store.holdUntil !== null) throw new AppError('conflict', 'the machine is being saved');
  const { promise: over, resolve: release } = createDeferred();
  // Nothing was awaited since the look.
  store.holdUntil = over;
  for (const each of all()) each.holdUntil(over);
  try {
    return await use();
  } finally {
    store.holdUntil = null;
    release();
  }
}

function busyOf(all: readonly Holdable[]): readonly Holdable[] {
  return all.filter(({ isIdle }) => !isIdle);
}
