import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import { mountFlag, tmpfsFlags } from '../containers/mounts/mount-flags.ts';
import type { EventLog } from '../../protocol/log.ts';
import type { Clock } from '../clock.ts';
import { KeyedLock } from '../content/keyed-lock.ts';
import type { VolumeRuntime } from '../runtime.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import { checkVolume } from './check-volume.ts';
import { logVolumeEvent, mountpointOf, volumeFolder, type Labels, type VolumeRecord } from './volume.ts';

export interface NewVolume {
  readonly name: string;
  readonly driver: string;
  readonly labels: Labels | null;
  readonly options: Labels | null;
}

/** Who has volumes; told by the containers, so that no count of users can go wrong. */
export interface VolumeUsers {
  /** IDs of the containers that have the volume, running or not. */
  of(name: string): readonly string[];
}

/** Every volume by name. Records change at once; their folders in the guest follow, one thing at a time for each name. */
export class VolumeStore {
  readonly #volumes = new Map<string, VolumeRecord>();
  /** Folders that are there. */
  readonly #made = new Set<string>();
  /** Volumes with options of mount(8) that are mounted, and for whom. */
  readonly #mounted = new Map<string, Set<string>>();
  readonly #lock = new KeyedLock();

  constructor(
    readonly runtime: VolumeRuntime,
    readonly users: VolumeUsers,
    readonly events: EventLog,
    readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** By name. */
  all(): VolumeRecord[] {
    return [...this.#volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  byName(name: string): VolumeRecord | null {
    return this.#volumes.get(name) ?? null;
  }

  /** @throws AppError not_found "get x: no such volume" */
  find(name: string): VolumeRecord {
    const found = this.byName(name);
    if (found === null) throw new AppError('not_found', `get ${name}: no such volume`);
    return found;
  }

  /** The volume of that name: one that is there stays as it is, as in Docker. @throws AppError in Docker's words for what cannot be one */
  create({ name, driver, labels, options }: NewVolume): VolumeRecord {
    const known = this.byName(name);
    checkVolume(name, driver, known === null ? options : null);
    if (known !== null) return known;
    const created = rfc3339Nano(this.clock.now()).replace(/\.\d+/, '');
    const given = Object.keys(options ?? {}).length === 0 ? null : options;
    const record = { name, created, labels, options: given };
    this.#volumes.set(name, record);
    logVolumeEvent(this.events, name, 'create');
    return record;
  }

  /** Makes its folder in the guest where that is not there yet. */
  ensure(name: string): Promise<void> {
    return this.#lock.run(name, () => this.#make(name));
  }

  /** For a container that starts; mounts what is to be mounted. @throws AppError internal, in Docker's words */
  acquire(name: string, container: string): Promise<void> {
    return this.#lock.run(name, async () => {
      await this.#make(name);
      const options = this.byName(name)?.options ?? null;
      if (options === null) return;
      const holders = this.#mounted.get(name);
      if (holders !== undefined) {
        holders.add(container);
        return;
      }
      await this.#mount(name, options);
      this.#mounted.set(name, new Set([container]));
    });
  }

  /** Unmounts what the last one has let go. */
  release(name: string, container: string): Promise<void> {
    return this.#lock.run(name, async () => {
      const holders = this.#mounted.get(name);
      if (holders === undefined || !holders.delete(container) || holders.size > 0) return;
      this.#mounted.delete(name);
      await this.runtime.unmount(mountpointOf(name));
    });
  }

  /** As the runtime's `fill`; a volume that is mounted is filled as it is then. */
  async fill(name: string, container: string, copy: Omit<Parameters<VolumeRuntime['fill']>[0], 'folder'>): Promise<void> {
    await this.acquire(name, container);
    try {
      await this.#lock.run(name, () => this.runtime.fill({ ...copy, folder: mountpointOf(name) }));
    } finally {
      await this.release(name, container);
    }
  }

  /** @throws AppError not_found, conflict "remove x: volume is in use - [ID, ID]" */
  async remove(name: string): Promise<void> {
    const record = this.find(name);
    const users = this.users.of(name);
    if (users.length > 0) throw new AppError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
    this.#volumes.delete(name);
    try {
      await this.#lock.run(name, async () => {
        // Made anew meanwhile: the files are that one's.
        if (!this.#made.has(name) || this.#volumes.has(name)) return;
        await this.runtime.remove(volumeFolder(name));
        this.#made.delete(name);
      });
    } catch (thrown) {
      if (!this.#volumes.has(name)) this.#volumes.set(name, record);
      throw thrown;
    }
    logVolumeEvent(this.events, name, 'destroy');
  }

  snapshot(): { readonly records: VolumeRecord[]; readonly made: string[]; readonly mounted: [string, string[]][] } {
    return {
      records: this.all(),
      made: [...this.#made],
      mounted: [...this.#mounted].map(([name, holders]) => [name, [...holders]]),
    };
  }

  /** In place of all; the guest was restored with these folders and mounts. */
  restore({ records, made, mounted }: ReturnType<VolumeStore['snapshot']>): void {
    this.#volumes.clear();
    this.#made.clear();
    this.#mounted.clear();
    for (const record of records) this.#volumes.set(record.name, record);
    for (const name of made) this.#made.add(name);
    for (const [name, holders] of mounted) this.#mounted.set(name, new Set(holders));
  }

  async #make(name: string): Promise<void> {
    if (this.#made.has(name)) return;
    await this.runtime.make(mountpointOf(name));
    this.#made.add(name);
  }

  async #mount(name: string, { type = '', device = '', o = '' }: Labels): Promise<void> {
    const target = mountpointOf(name);
    const error = await this.runtime.mount({ type, device, options: o, target });
    if (error === null) return;
    const failed = `failed to mount local volume: mount ${device}:${target}${told(o)}: ${error}`;
    throw new AppError('internal', `error while mounting volume '${target}': ${failed}`);
  }
}

const bindFlags: Readonly<Record<string, number>> = { bind: mountFlag.bind, rbind: mountFlag.bind | mountFlag.rec };

/** The options as the error of moby/sys/mount tells them: those that are flags as a number, the others as they are. */
function told(options: string): string {
  const words = options.split(',').filter((word) => word !== '');
  const flagOf = (word: string): number | undefined => ownValue(bindFlags, word) ?? ownValue(tmpfsFlags, word)?.[0];
  const flags = words.reduce((sum, word) => sum | (flagOf(word) ?? 0), 0);
  const data = words.filter((word) => flagOf(word) === undefined);
  return `${flags === 0 ? '' : `, flags: 0x${flags.toString(16)}`}${data.length === 0 ? '' : `, data: ${data.join(',')}`}`;
}
