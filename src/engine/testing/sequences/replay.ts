import type { EngineEventEntry, LogEntry } from '../../../protocol/log.ts';

/** What the event log says of a container. */
export interface Told {
  up: boolean;
  paused: boolean;
  gone: boolean;
  /** Execs whose start was told and whose end was not. */
  readonly execs: Set<string>;
}

/** What can only happen to a container that is there. */
const needsContainer = new Set(['start', 'die', 'pause', 'unpause', 'oom', 'rename', 'update', 'destroy']);

/** Reads the log as a client of `docker events` would, and keeps what contradicts itself. */
export class Replay {
  readonly containers = new Map<string, Told>();
  readonly contradictions: string[] = [];
  #last = 0;

  /** As it is now, for when the host goes back to this moment. */
  clone(): Replay {
    const copy = new Replay();
    copy.#last = this.#last;
    for (const [id, told] of this.containers) copy.containers.set(id, { ...told, execs: new Set(told.execs) });
    return copy;
  }

  take(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.sequence <= this.#last) continue;
      if (entry.sequence !== this.#last + 1) this.contradictions.push(`event ${entry.sequence} comes after ${this.#last}`);
      this.#last = entry.sequence;
      if (entry.kind === 'event' && entry.type === 'container' && entry.actor.id !== '') this.#event(entry);
    }
  }

  /** The machine was lost and with it every process. */
  allEnded(): void {
    for (const told of this.containers.values()) Object.assign(told, { up: false, paused: false, execs: new Set() });
  }

  #event({ action, actor, facts, sequence }: EngineEventEntry): void {
    const { id } = actor;
    const [verb = ''] = action.split(':');
    const told = this.containers.get(id) ?? { up: false, paused: false, gone: false, execs: new Set<string>() };
    const wrong = (why: string): void => void this.contradictions.push(`event ${sequence} ${action} of ${id.slice(0, 12)}: ${why}`);
    if (verb === 'create' && this.containers.has(id)) wrong('was made before');
    if (needsContainer.has(verb) && !this.containers.has(id)) wrong('was never made');
    if (needsContainer.has(verb) && told.gone) wrong('was destroyed before');
    this.containers.set(id, told);
    const { execID = '' } = actor.attributes;
    switch (verb) {
      case 'start':
        if (told.up) wrong('runs already');
        Object.assign(told, { up: true, paused: false });
        break;
      case 'die':
        if (!told.up) wrong('does not run');
        Object.assign(told, { up: false, paused: false });
        break;
      case 'pause':
        if (!told.up || told.paused) wrong('does not run or is paused');
        told.paused = true;
        break;
      case 'unpause':
        if (!told.paused) wrong('is not paused');
        told.paused = false;
        break;
      case 'destroy':
        if (told.up) wrong('runs');
        told.gone = true;
        break;
      case 'exec_start':
        if (!told.up) wrong('does not run');
        // Docker tells of the start of one that could not be started, and of no end: it has no process.
        if (facts['pid'] !== undefined) told.execs.add(execID);
        break;
      case 'exec_die':
        if (!told.execs.delete(execID)) wrong('that exec did not run');
        break;
    }
  }
}
