import { AppError } from '../../../base/errors.ts';
import type { VolumeMountSpec, VolumeRuntime } from '../../runtime.ts';
import type { TestCalls } from './calls.ts';

/** Folders of volumes and what is mounted of them. */
export class TestVolumes implements VolumeRuntime {
  /** From where in which layers each was filled; null: from nowhere. */
  readonly folders = new Map<string, string | null>();
  /** What was put into them from outside. */
  readonly files = new Map<string, Map<string, string>>();
  /** By where they are. */
  readonly mounts = new Map<string, VolumeMountSpec>();
  readonly #calls: TestCalls;

  constructor(calls: TestCalls) {
    this.#calls = calls;
  }

  async make(folder: string): Promise<void> {
    await this.#calls.call('makeVolume');
    if (this.folders.has(folder)) return;
    this.folders.set(folder, null);
    this.files.set(folder, new Map());
  }

  async fill({ path, folder }: Parameters<VolumeRuntime['fill']>[0]): Promise<void> {
    await this.#calls.call('fillVolume');
    if (!this.folders.has(folder)) throw new AppError('internal', `${folder}: no such file or directory`);
    this.folders.set(folder, this.folders.get(folder) ?? path);
  }

  async mount(spec: VolumeMountSpec): Promise<string | null> {
    await this.#calls.call('mountVolume');
    if (this.mounts.has(spec.target)) throw new AppError('internal', `${spec.target} is mounted twice`);
    this.mounts.set(spec.target, spec);
    return null;
  }

  async unmount(target: string): Promise<void> {
    await this.#calls.call('unmountVolume');
    if (!this.mounts.delete(target)) throw new AppError('internal', `${target}: not mounted`);
  }

  async remove(folder: string): Promise<void> {
    await this.#calls.call('removeVolume');
    for (const path of this.folders.keys()) if (path.startsWith(`${folder}/`)) this.folders.delete(path);
  }
}
