/** What builds have made, by what was asked for; kept until it is pruned (moby/buildkit: solver/cachemanager.go, cache/manager.go). */
import { toDisposable, type Disposable } from '../../../base/disposable.ts';
import type { Clock } from '../../clock.ts';
import { randomBelow, type Random } from '../../random.ts';

export type CacheType = 'regular' | 'source.local' | 'exec.cachemount';

/** A layer that a step made, on top of another's; or a folder that steps share (`exec.cachemount`). */
export interface CacheRecord {
  /** 25 characters of a-z and 0-9. */
  readonly id: string;
  /** Digest of the instruction, of all that it reads, and of the key below. */
  readonly key: string;
  /** ID of the record below; '': it stands on an image, or on nothing. */
  readonly parent: string;
  readonly type: CacheType;
  readonly description: string;
  /** '': a folder. */
  readonly diffId: string;
  /** Bytes of its files. */
  size: number;
  /** Unix nanoseconds. */
  readonly created: bigint;
  lastUsed: bigint;
  usageCount: number;
}

export type SavedRecord = Omit<CacheRecord, 'created' | 'lastUsed'> & { readonly created: string; readonly lastUsed: string };

/** Keeps a layer, also over a checkpoint. */
export type KeepLayer = (diffId: string) => Disposable;

class BoundedMap {
  readonly #values = new Map<string, string>();

  constructor(private readonly most: number) {}

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** The oldest goes. */
  set(key: string, value: string): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.most && oldest !== undefined) this.#values.delete(oldest);
  }
}

interface Kept {
  readonly record: CacheRecord;
  readonly layer: Disposable;
}

/** Digests that are remembered. */
const mostDigests = 1000;

export class BuildCache {
  /** Of files in layers, by where they are. */
  readonly digests = new BoundedMap(mostDigests);
  readonly #records = new Map<string, Kept>();
  /** Keys to IDs. */
  readonly #byKey = new Map<string, string>();
  readonly #keep: KeepLayer;
  readonly #forget: (folder: string) => void;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Records that a build under way stands on, and how many do. */
  readonly #users = new Map<string, number>();

  /** @param options.forget a folder's record is gone, by its ID */
  constructor({
    keep,
    forget,
    clock,
    random,
  }: {
    readonly keep: KeepLayer;
    readonly forget: (id: string) => void;
    readonly clock: Clock;
    readonly random: Random;
  }) {
    this.#keep = keep;
    this.#forget = forget;
    this.#clock = clock;
    this.#random = random;
  }

  all(): readonly CacheRecord[] {
    return [...this.#records.values()].map(({ record }) => record);
  }

  get(id: string): CacheRecord | undefined {
    return this.#records.get(id)?.record;
  }

  find(key: string): CacheRecord | undefined {
    return this.get(this.#byKey.get(key) ?? '');
  }

  /** What is there under the key already is taken in its place: who made it first has it. @param layer its layer has to be there; it stays as long as the record */
  add(made: Pick<CacheRecord, 'key' | 'parent' | 'type' | 'description' | 'diffId' | 'size'>, replaces = false): CacheRecord {
    const there = this.find(made.key);
    if (there !== undefined && !replaces) return there;
    const now = this.#clock.now();
    const record = { ...made, id: this.newId(), created: now, lastUsed: now, usageCount: 1 };
    this.#take(record);
    return record;
  }

  /** A folder that steps share. There may be several under one key. */
  addFolder(made: Pick<CacheRecord, 'id' | 'key' | 'parent' | 'description'>): CacheRecord {
    const now = this.#clock.now();
    const record: CacheRecord = { ...made, type: 'exec.cachemount', diffId: '', size: 0, created: now, lastUsed: now, usageCount: 1 };
    this.#take(record);
    return record;
  }

  /** A build takes it. */
  use(record: CacheRecord): void {
    record.lastUsed = this.#clock.now();
    record.usageCount += 1;
  }

  /** Not pruned until given back. */
  hold(id: string): void {
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
  }

  release(id: string): void {
    const left = (this.#users.get(id) ?? 0) - 1;
    if (left > 0) this.#users.set(id, left);
    else this.#users.delete(id);
  }

  isInUse(id: string): boolean {
    return this.#users.has(id);
  }

  remove(id: string): void {
    const kept = this.#records.get(id);
    if (kept === undefined) return;
    this.#records.delete(id);
    if (this.#byKey.get(kept.record.key) === id) this.#byKey.delete(kept.record.key);
    kept.layer.dispose();
  }

  snapshot(): SavedRecord[] {
    return this.all().map((record) => ({ ...record, created: record.created.toString(), lastUsed: record.lastUsed.toString() }));
  }

  /** In place of all there is: the store of layers has forgotten what was kept before, and has these. */
  restore(saved: readonly SavedRecord[]): void {
    this.#records.clear();
    this.#byKey.clear();
    this.#users.clear();
    for (const { created, lastUsed, ...record } of saved) this.#take({ ...record, created: BigInt(created), lastUsed: BigInt(lastUsed) });
  }

  #take(record: CacheRecord): void {
    const isFolder = record.type === 'exec.cachemount';
    const layer = isFolder ? toDisposable(() => this.#forget(record.id)) : this.#keep(record.diffId);
    this.#records.set(record.id, { record, layer });
    if (!isFolder) this.#byKey.set(record.key, record.id);
  }

  newId(): string {
    const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
    return Array.from({ length: 25 }, () => digits[randomBelow(this.#random, digits.length)]).join('');
  }
}
