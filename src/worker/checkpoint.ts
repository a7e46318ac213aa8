import type { ContentStorage } from '../engine/images/images.ts';
import { contentsOf } from '../engine/images/snapshot.ts';
import { openSnapshot, type Engine, type WholeSnapshot } from '../engine/engine.ts';
import { AppError } from '../base/errors.ts';
import type { Disposable } from '../base/disposable.ts';
import { acceptState } from '../machine/accept-state.ts';
import type { Machine } from '../machine/machine.ts';
import { inflate } from './inflate.ts';
import type { StartSha256 } from '../engine/content/sha256.ts';

/**
 * A host at one moment: the guest and the engine's records of it, restored together or not at all. Images' contents are not in it: they stay in the store,
 * held for it. The versions of emulator, protocol and guest are in `state`, that of the records in `engine`.
 */
export interface Checkpoint {
  /** Of `Machine.save`. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** JSON. */
  readonly engine: WholeSnapshot;
}

/** A checkpoint whose contents the store keeps until it is disposed of. */
export type HeldCheckpoint = Checkpoint & Disposable;

export type OpenedCheckpoint = Checkpoint & { readonly images: Awaited<ReturnType<typeof openSnapshot>> };

/**
 * The host goes on. No verb is in the middle of anything; pulls under way are not in it, and uploads only as far as they came.
 * @throws AppError conflict while another one is taken; cancelled
 */
export async function takeCheckpoint(
  { machine, engine, storage }: { readonly machine: Machine; readonly engine: Engine; readonly storage: ContentStorage },
  signal?: AbortSignal,
): Promise<HeldCheckpoint> {
  const taken: { readonly engine: WholeSnapshot; readonly held: Disposable | undefined }[] = [];
  const atStandstill = (): void => {
    const snapshot = engine.snapshot();
    taken.push({ engine: snapshot, held: storage.holds?.hold(contentsOf(snapshot.images)) });
  };
  try {
    const state = await engine.atStandstill(() => machine.save({ atStandstill, ...(signal === undefined ? {} : { signal }) }), signal);
    const [records] = taken;
    if (records === undefined) throw new AppError('internal', 'the machine was saved without its records');
    return { state, engine: records.engine, dispose: () => records.held?.dispose() };
  } catch (thrown) {
    for (const { held } of taken) held?.dispose();
    throw thrown;
  }
}

export interface CheckpointHome {
  /** A state of the guest that runs here. */
  readonly state: Uint8Array;
  readonly memoryMegabytes: number;
  readonly storage: ContentStorage;
  readonly sha256: StartSha256;
}

/**
 * Whether a checkpoint can be restored here, with what it needs; nothing changes.
 * @throws AppError invalid for one of another emulator, protocol, guest or engine; not_found where contents are gone
 */
export async function openCheckpoint({ state, engine }: Checkpoint, home: CheckpointHome): Promise<OpenedCheckpoint> {
  acceptState(state, { memoryMegabytes: home.memoryMegabytes, sameBuildAs: home.state });
  return { state, engine, images: await openSnapshot({ storage: home.storage, inflate, sha256: home.sha256 }, engine) };
}
