import { AppError } from '../../base/errors.ts';
import type { Container } from './container.ts';
import type { Exec } from './run/exec-instance.ts';
import { LogPool } from './log/log-pool.ts';
import type { Holdable } from '../lock.ts';

/** Every container by ID and by name. A name is taken before its container is there, so that two creations cannot share one. */
export class ContainerStore {
  readonly #containers = new Map<string, Container>();
  readonly #names = new Map<string, string>();
  readonly #logs = new LogPool();
  /** Forgotten, while somebody has the lock. */
  readonly #leaving = new Set<Container>();

  /** Keeps whatever is added from being touched until it resolves: a save is being taken. */
  holdUntil: Promise<void> | null = null;

  add(container: Container): void {
    this.#containers.set(container.id, container);
    if (this.holdUntil !== null) container.holdUntil(this.holdUntil);
    container.logs.join(this.#logs);
  }

  /** Forgets the container and its name; after a restore another may have its ID. */
  delete(container: Container): void {
    if (!this.has(container)) return;
    this.#containers.delete(container.id);
    container.logs.leave();
    for (const [name, holder] of this.#names)
      if (holder === container.id || name.startsWith(`${container.name}/`)) this.#names.delete(name);
    this.#leaving.add(container);
    void container.whenIdle().then(() => this.#leaving.delete(container));
  }

  /** Of all that is there, and of what goes and is not gone yet. */
  locks(): readonly Holdable[] {
    return [...this.#containers.values(), ...this.#leaving];
  }

  /** Newest first. */
  all(): Container[] {
    return [...this.#containers.values()].sort((a, b) => Number(b.identity.created - a.identity.created));
  }

  isNameTaken(name: string): boolean {
    return this.#names.has(name);
  }

  /** @throws AppError conflict, in Docker's words */
  reserveName(name: string, id: string): void {
    const holder = this.#names.get(name);
    if (holder !== undefined) throw nameInUse(name, holder);
    this.#names.set(name, id);
  }

  releaseName(name: string): void {
    this.#names.delete(name);
  }

  /** Not one of that ID only: after a restore another container may have it. */
  has(container: Container): boolean {
    return this.#containers.get(container.id) === container;
  }

  /** Its own and those that links of others give it, sorted. */
  namesOf({ id }: Container): string[] {
    return [...this.#names].flatMap(([name, holder]) => (holder === id ? [name] : [])).sort();
  }

  byName(name: string): Container | null {
    return this.byId(this.#names.get(name) ?? '');
  }

  /** '' where there is none of that ID. */
  nameOf(id: string): string {
    return this.byId(id)?.name ?? '';
  }

  byId(id: string): Container | null {
    return this.#containers.get(id) ?? null;
  }

  /**
   * daemon/container.go GetContainer: full ID, then name, then the first digits of an ID.
   * @throws AppError not_found "No such container: x"; invalid when several IDs start so
   */
  find(reference: string): Container {
    const exact = this.byId(reference) ?? this.byName(reference.replace(/^\//, ''));
    if (exact !== null) return exact;
    const matches = reference === '' ? [] : [...this.#containers.values()].filter(({ id }) => id.startsWith(reference));
    const [first] = matches;
    if (first === undefined) throw containerNotFound(reference);
    if (matches.length > 1) throw new AppError('invalid', `multiple IDs found with provided prefix: ${reference}`);
    return first;
  }

  /** @throws AppError not_found "No such exec instance: x" */
  findExec(id: string): { readonly container: Container; readonly exec: Exec } {
    for (const container of this.#containers.values()) {
      const exec = container.execs.get(id);
      if (exec !== undefined) return { container, exec };
    }
    throw new AppError('not_found', `No such exec instance: ${id}`);
  }
}

export function containerNotFound(reference: string): AppError {
  return new AppError('not_found', `No such container: ${reference}`);
}

function nameInUse(name: string, holder: string): AppError {
  return new AppError(
    'conflict',
    `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}
