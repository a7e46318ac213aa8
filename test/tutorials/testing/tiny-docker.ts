import type { ContainerInspect, ImageSummary } from '../../../src/protocol/engine-api.ts';
import type { LogEntry, NewLogEntry } from '../../../src/protocol/log.ts';
import { containerFact, hex, imageFact } from '../../../src/tutorial/testing/facts.ts';

/** A container as the tiny engine keeps it. */
export interface TinyContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly autoRemove: boolean;
  readonly command: readonly string[];
  readonly files: Map<string, string>;
  readonly created: string;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  startedAt: string;
  /** Sequence of the attach that is open. */
  attach: number | null;
}

export interface CreateOptions {
  readonly name?: string;
  readonly image: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly autoRemove: boolean;
  readonly command: readonly string[];
}

const shipped = ['hello-world', 'busybox', 'nginx'];
const tagged = (image: string): string => (image.includes(':') ? image.slice(0, image.indexOf(':')) : image);

/** State, events and requests of an engine that makes no processes: just enough for tutorials about single containers. */
export class TinyDocker {
  readonly containers = new Map<string, TinyContainer>();
  #images: ImageSummary[] = [];
  #log: LogEntry[] = [];
  #listeners = new Map<number, (entries: readonly LogEntry[]) => void>();
  #made = 0;

  constructor() {
    this.clear();
  }

  get sequence(): number {
    return this.#log.length;
  }

  clear(): void {
    this.containers.clear();
    this.#images = [];
  }

  pull(image: string): boolean {
    const name = tagged(image);
    const known = shipped.includes(name);
    this.request('POST', '/images/create', known ? 200 : 404, { fromImage: `docker.io/library/${name}`, tag: 'latest' });
    if (known && !this.#images.some(({ RepoTags }) => RepoTags.includes(`${name}:latest`)))
      this.#images = [...this.#images, imageFact(name)];
    return known;
  }

  images(): readonly ImageSummary[] {
    return this.#images;
  }

  inspect(): ContainerInspect[] {
    return [...this.containers.values()].map(
      ({ id, name, image, state, exitCode, tty, openStdin, autoRemove, command, created, startedAt }) =>
        containerFact({
          id,
          name,
          image,
          state,
          exitCode,
          created,
          startedAt,
          imageId: `sha256:${hex(tagged(image))}`,
          body: { Tty: tty, OpenStdin: openStdin, Cmd: command, HostConfig: { AutoRemove: autoRemove } },
        }),
    );
  }

  since(after: number): readonly LogEntry[] {
    return this.#log.slice(after);
  }

  subscribe(listener: (entries: readonly LogEntry[]) => void): number {
    const id = this.#listeners.size + 1;
    this.#listeners.set(id, listener);
    return id;
  }

  unsubscribe(id: number): void {
    this.#listeners.delete(id);
  }

  find(wanted: string): TinyContainer | undefined {
    const all = [...this.containers.values()];
    return all.find(({ name, id }) => name === wanted || id === wanted) ?? all.find(({ id }) => id.startsWith(wanted));
  }

  request(method: string, path: string, status: number, query: Readonly<Record<string, string>> = {}): void {
    this.#append({ kind: 'request', transport: 'cli', method, path, query, status });
  }

  create(options: CreateOptions): TinyContainer | string {
    const query = options.name === undefined ? {} : { name: options.name };
    if (!this.#images.some(({ RepoTags }) => RepoTags.includes(`${tagged(options.image)}:latest`))) {
      this.request('POST', '/containers/create', 404, query);
      if (!this.pull(options.image)) return `No such image: ${options.image}`;
    }
    const taken = options.name === undefined ? undefined : this.find(options.name);
    if (taken !== undefined) {
      this.request('POST', '/containers/create', 409, query);
      return `Conflict. The container name "/${taken.name}" is already in use by container "${taken.id}".`;
    }
    this.request('POST', '/containers/create', 201, query);
    this.#made += 1;
    const id = hex(`container ${this.#made}`);
    const name = options.name ?? `quiet_${this.#made}`;
    const created = new Date(Date.UTC(2026, 0, 1) + this.#made * 1000).toISOString();
    const container: TinyContainer = {
      ...options,
      id,
      name,
      files: new Map(),
      created,
      state: 'created',
      exitCode: 0,
      startedAt: '0001-01-01T00:00:00Z',
      attach: null,
    };
    this.containers.set(id, container);
    this.#event(container, 'create');
    return container;
  }

  start(container: TinyContainer): void {
    if (container.state === 'running') return this.request('POST', `/containers/${container.id}/start`, 304);
    this.request('POST', `/containers/${container.id}/start`, 204);
    this.#made += 1;
    container.state = 'running';
    container.startedAt = new Date(Date.UTC(2026, 0, 1) + this.#made * 1000).toISOString();
    this.#event(container, 'start');
  }

  attach(container: TinyContainer): void {
    this.request('POST', `/containers/${container.id}/attach`, 101);
    container.attach = this.sequence;
  }

  end(container: TinyContainer, exitCode: number): void {
    if (container.state !== 'running') return;
    container.state = 'exited';
    container.exitCode = exitCode;
    this.#event(container, 'die', { exitCode: String(exitCode) });
    if (container.attach !== null) this.#append({ kind: 'request-closed', request: container.attach, by: 'server' });
    if (container.autoRemove) this.#destroy(container);
  }

  remove(container: TinyContainer): void {
    this.end(container, 137);
    this.request('DELETE', `/containers/${container.id}`, 204, { force: '1' });
    if (this.containers.has(container.id)) this.#destroy(container);
  }

  #destroy(container: TinyContainer): void {
    this.containers.delete(container.id);
    this.#event(container, 'destroy');
  }

  #event(
    { id, name, image, autoRemove, tty, openStdin }: TinyContainer,
    action: string,
    attributes: Readonly<Record<string, string>> = {},
  ): void {
    this.#append({
      kind: 'event',
      type: 'container',
      action,
      actor: { id, attributes: { image, name, ...attributes } },
      facts: { autoRemove, tty, openStdin },
    });
  }

  #append(entry: NewLogEntry): void {
    const stamped: LogEntry = { ...entry, sequence: this.#log.length + 1, timeNano: '0' };
    this.#log.push(stamped);
    for (const listener of [...this.#listeners.values()]) listener([stamped]);
  }
}
