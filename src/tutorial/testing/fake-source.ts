import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { LogEntry, NewLogEntry } from '../../protocol/log.ts';
import type { GuestFile } from '../../protocol/playground.ts';
import type { GuestActions, FactSource } from '../facts.ts';
import { containerFact, guestOf, imageFact } from './facts.ts';

/** An engine whose state a test sets and whose log it writes. */
export class FakeSource implements FactSource, GuestActions {
  containers: ContainerInspect[] = [];
  files: Record<string, string> = {};
  readonly written: GuestFile[] = [];
  readonly log: LogEntry[] = [];
  /** Calls so far, by name. */
  readonly calls: Record<string, number> = {};
  /** Lines of the guest's shell that were run. */
  readonly lines: string[] = [];
  /** Set: the next line fails with these words. */
  complaint: string | null = null;
  /** Set: the next snapshot rejects with it. */
  failure: Error | null = null;
  /** Keeps entries back from subscribers, as a slow port does. */
  mute = false;
  watching = false;
  #listeners = new Map<number, (entries: readonly LogEntry[]) => void>();

  get listening(): number {
    return this.#listeners.size;
  }

  append(entry: NewLogEntry): void {
    const stamped: LogEntry = { ...entry, sequence: this.log.length + 1, timeNano: '0' };
    this.log.push(stamped);
    if (!this.mute) for (const listener of [...this.#listeners.values()]) listener([stamped]);
  }

  happen(action: string, name = 'web', facts: Readonly<Record<string, unknown>> = {}): void {
    this.append({ kind: 'event', type: 'container', action, actor: { id: name, attributes: { name, image: 'nginx' } }, facts });
  }

  snapshot() {
    this.#count('snapshot');
    const { failure } = this;
    this.failure = null;
    if (failure !== null) return Promise.reject(failure);
    return Promise.resolve({
      sequence: this.log.length,
      containers: [...this.containers],
      images: [imageFact('nginx')],
      networks: [],
      volumes: [],
    });
  }

  sync() {
    return this.snapshot();
  }

  logSince(after: number) {
    this.#count('logSince');
    return Promise.resolve(this.log.slice(after));
  }

  subscribeLog(_after: number, listener: (entries: readonly LogEntry[]) => void) {
    const id = (this.calls['subscribeLog'] ?? 0) + 1;
    this.#count('subscribeLog');
    this.#listeners.set(id, listener);
    return Promise.resolve(id);
  }

  unsubscribeLog(subscription: number) {
    this.#listeners.delete(subscription);
    return Promise.resolve();
  }

  inspectGuest(queries: Parameters<FactSource['inspectGuest']>[0]) {
    this.#count('inspectGuest');
    return guestOf(this.files).inspectGuest(queries);
  }

  probe({ port }: Parameters<FactSource['probe']>[0]) {
    this.#count('probe');
    return Promise.resolve({ ok: false as const, message: `localhost:${port}: connection refused` });
  }

  watchExecs(wanted: boolean) {
    this.watching = wanted;
    return Promise.resolve();
  }

  reset() {
    this.#count('reset');
    this.containers = [];
    this.files = {};
    this.happen('destroy', 'leftover');
    return Promise.resolve(this.log.length);
  }

  writeFiles(files: readonly GuestFile[]) {
    this.written.push(...files);
    return Promise.resolve();
  }

  /** Knows `docker create --name NAME … IMAGE WORD` and `docker start NAME`. */
  exec(command: string) {
    this.lines.push(command);
    const { complaint } = this;
    this.complaint = null;
    if (complaint !== null) return Promise.resolve({ exitCode: 1, stdout: '', stderr: `${complaint}\n` });
    const [, created, image = '', word] = /docker create --name (\S+)(?: --\S+ \S+)* (\S+)(?: (\S+))?$/.exec(command) ?? [];
    const [, started] = /^docker start (\S+)$/.exec(command) ?? [];
    if (created !== undefined) {
      const body = word === undefined ? {} : { Cmd: [word] };
      this.containers = [
        ...this.containers.filter(({ Name }) => Name !== `/${created}`),
        containerFact({ name: created, image, state: 'created', body }),
      ];
      this.happen('create', created);
    }
    if (started !== undefined) {
      this.containers = this.containers.map((each) =>
        each.Name === `/${started}` ? { ...each, State: { ...each.State, Status: 'running' as const, Running: true } } : each,
      );
      this.happen('start', started);
    }
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
  }

  #count(name: string): void {
    this.calls[name] = (this.calls[name] ?? 0) + 1;
  }
}
