/** `RUN --mount=type=cache`: who has which folder (moby/buildkit: solver/llbsolver/mounts/mount.go). */
import { utf8 } from '../../../base/bytes.ts';
import { unlessAborted } from '../../../base/streams.ts';
import { KeyedLock } from '../../content/keyed-lock.ts';
import { digestOf } from '../../content/verified.ts';
import type { BuildCache, CacheRecord } from './build-cache.ts';
import type { CacheFolders, FolderOrigin } from './cache-folders.ts';

export interface CacheMountRequest extends FolderOrigin {
  readonly id: string;
  /** shared: with all who ask; private: a folder that nobody has now; locked: nobody else meanwhile */
  readonly sharing: 'shared' | 'private' | 'locked';
  /** Of what it begins with; '' is nothing. */
  readonly from: string;
  /** ID of the record that it begins with; ''. */
  readonly parent: string;
  readonly description: string;
}

export interface CacheMountUse {
  readonly folder: string;
  /** Its size is looked at again. Never rejects. */
  release(): Promise<void>;
}

export class CacheMounts {
  readonly #cache: BuildCache;
  readonly #folders: CacheFolders;
  readonly #lock = new KeyedLock();
  readonly #waiting = new Set<() => void>();

  constructor(cache: BuildCache, folders: CacheFolders) {
    this.#cache = cache;
    this.#folders = folders;
  }

  /** @throws the signal's reason; what the guest says where it cannot be made */
  async use(request: CacheMountRequest, signal: AbortSignal): Promise<CacheMountUse> {
    const key = keyOf(request);
    for (;;) {
      const record = await this.#lock.run(key, () => this.#take(key, request, signal));
      if (record !== null) return { folder: this.#folders.pathOf(record.id), release: () => this.#release(record) };
      await unlessAborted(new Promise<void>((resolve) => this.#waiting.add(resolve)), signal);
    }
  }

  /** @returns null: another has it, and it is to be waited for */
  async #take(key: string, request: CacheMountRequest, signal: AbortSignal): Promise<CacheRecord | null> {
    const all = this.#cache.all().filter((record) => record.type === 'exec.cachemount' && record.key === key);
    const free = all.find(({ id }) => !this.#cache.isInUse(id));
    const there = request.sharing === 'shared' ? (free ?? all[0]) : free;
    if (there !== undefined) {
      this.#cache.use(there);
      this.#cache.hold(there.id);
      return there;
    }
    if (request.sharing === 'locked' && all.length > 0) return null;
    const id = this.#cache.newId();
    await this.#folders.make(id, request);
    if (signal.aborted) {
      this.#folders.forget(id);
      throw signal.reason;
    }
    const { parent, description } = request;
    const made = this.#cache.addFolder({ id, key, parent, description });
    this.#cache.hold(id);
    return made;
  }

  async #release(record: CacheRecord): Promise<void> {
    record.size = await this.#folders.size(record.id).catch(() => record.size);
    this.#cache.release(record.id);
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}

export function keyOf({ id, from, owner }: Pick<CacheMountRequest, 'id' | 'from' | 'owner'>): string {
  return digestOf(utf8(JSON.stringify(['cachemount', id, from, owner])));
}
