import type { LogEntry } from '../../protocol/log.ts';

/** More than so many IDs are everything: a follower that reads nothing costs no more memory than that. */
const most = 1000;

/** What the log says may have changed since somebody was last told. */
export class Touched {
  #everything: boolean;
  #images = false;
  #allNetworks = false;
  #volumes = false;
  readonly #containers = new Set<string>();

  constructor(everything = false) {
    this.#everything = everything;
  }

  get everything(): boolean {
    return this.#everything;
  }

  get images(): boolean {
    return this.#everything || this.#images;
  }

  get networks(): boolean {
    return this.#everything || this.#allNetworks;
  }

  get volumes(): boolean {
    return this.#everything || this.#volumes;
  }

  /** IDs, names and prefixes of IDs, as they stood in the log; in the order in which they came. */
  get containers(): readonly string[] {
    return [...this.#containers];
  }

  get nothing(): boolean {
    return !this.#everything && !this.#images && !this.#allNetworks && !this.#volumes && this.#containers.size === 0;
  }

  add(entry: LogEntry): void {
    if (entry.kind === 'request') this.#addRequest(entry.method, entry.path);
    if (entry.kind !== 'event') return;
    const { type, action, actor } = entry;
    if (type === 'image') this.#images = true;
    if (type === 'network') this.#allNetworks = true;
    // A container that does not run shows a network that is gone by its ID, not its name any more.
    if (type === 'network' && (action === 'destroy' || action === 'prune')) this.addEverything();
    if (type === 'volume') this.#volumes = true;
    if (type === 'daemon') this.#everything = true;
    // A network lists who is on it by name.
    if (type === 'container' && action === 'rename') this.#allNetworks = true;
    const container = type === 'container' ? actor.id : actor.attributes['container'];
    if (container !== undefined) this.addContainer(container);
  }

  addContainer(reference: string): void {
    if (reference === '' || this.#everything) return;
    this.#containers.add(reference);
    if (this.#containers.size > most) this.addEverything();
  }

  addEverything(): void {
    this.#everything = true;
    this.#containers.clear();
  }

  /** Not every change has an event: a start that fails has none, nor has a container that a prune could not remove, so the request itself counts. */
  #addRequest(method: string, path: string): void {
    if (method === 'GET' || method === 'HEAD') return;
    const [, room, reference = ''] = path.split('/');
    if (room === 'containers' && reference === 'prune') this.addEverything();
    else if (room === 'containers' && reference !== 'create') this.addContainer(safeDecode(reference));
    if (room === 'images' || room === 'commit' || room === 'build') this.#images = true;
    if (room === 'networks') this.#allNetworks = true;
    if (room === 'volumes') this.#volumes = true;
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
