import type { ContainerConfig, HostConfig } from '../../protocol/engine-api.ts';
import { AppError } from '../../base/errors.ts';
import { Background } from '../background.ts';
import { Mutex, type Holdable } from '../lock.ts';
import type { Endpoint } from '../networks/endpoint.ts';
import type { ResolverSockets, RunningProcess } from '../runtime.ts';
import type { Exec } from './run/exec-instance.ts';
import { logBytesKept, logRecordCost } from './log/log-config.ts';
import { LogStore } from './log/log-store.ts';
import { ProcessStreams } from './streams/process-streams.ts';
import { parseModes, type NamespaceModes } from './modes.ts';
import type { Publication } from '../ports/publication.ts';
import type { Health } from './health/health.ts';
import type { ContainerMount, VolumeMount } from './mounts/mount.ts';
import { createdState, transition, type ContainerMove, type ContainerState } from './state.ts';
import { Waiters } from './run/waiters.ts';

/** What stays the same, or changes only by rename and update. */
export interface ContainerIdentity {
  readonly id: string;
  /** Nanoseconds since the epoch. */
  readonly created: bigint;
  readonly imageId: string;
  /** Directories of the image's layers below the layer tree, topmost first; kept so that the container outlives its image's tags. */
  readonly layers: readonly string[];
  /** Bytes of the image's layers. */
  readonly imageSize: number;
  readonly config: ContainerConfig;
  /** Path and Args of inspect: entrypoint and command as one line. */
  readonly command: readonly string[];
  /** What is mounted in it beside what every container has. */
  readonly mounts: readonly ContainerMount[];
}

/**
 * A name that a container on the default bridge has for another (`--link`): the other by ID, and by the name that it has or had last, for the link
 * outlives it.
 */
export interface Link {
  readonly alias: string;
  readonly child: { readonly id: string; readonly name: string };
}

/** How a run is to end, told to its supervisor by stop, kill, restart and rm. */
export interface RunIntent {
  /** No restart by policy after this run. */
  cancelled: boolean;
  /** `docker restart` ends it: --rm must not remove the container. */
  restarting: boolean;
  /** `stop` or `restart` ends it: the event is told before `die`, as by Docker, whose stop goes on as soon as the state has changed. */
  stopping: boolean;
}

/** How a run ended, for what it had. */
export interface RunEnding {
  /** The container is removed next. */
  readonly removes: boolean;
}

/** One run of the container's first process. */
export interface ContainerRun {
  readonly process: RunningProcess;
  readonly intent: RunIntent;
}

declare const lockIsHeld: unique symbol;

/** A container whose lock is held: `Container.locked` gives it to its task, and nobody else can. */
export type LockedContainer = Container & { readonly [lockIsHeld]: true };

/** A container. Its verbs are the files beside this one; each takes the lock around what must not interleave. */
export class Container implements Holdable {
  readonly #lock = new Mutex();
  #isLocked = false;
  #isAtClientsPace = false;
  #state: ContainerState;
  /** Waits and readings: over when it is removed. */
  readonly background = new Background();
  /** Processes that are followed: over when they are, with all they had to say; at the latest when the engine lets go of the container. */
  readonly followed = new Background();
  readonly logs: LogStore;
  modes: NamespaceModes;
  readonly waiters = new Waiters();
  readonly execs = new Map<string, Exec>();
  /** By what Docker's Networks calls them (`Endpoint.name`), in the order they were asked for. Leased while it runs. */
  readonly endpoints = new Map<string, Endpoint>();
  /** While it runs; null: it publishes nothing. */
  publication: Publication | null = null;
  /** Other containers by names of its own (`--link`), in the order in which they were asked for. */
  readonly links: Link[] = [];
  name: string;
  hostConfig: HostConfig;
  run: ContainerRun | null = null;
  streams: ProcessStreams;
  /** Gives back what the run has, one by one; `resources.ts` puts it here. */
  readonly held: ((ending: RunEnding) => Promise<void> | void)[] = [];
  /** Volumes that get what the image has in their place, if they are empty; filled before anybody hears of the container. */
  toFill: readonly VolumeMount[] = [];
  /** false: the guest may still have cgroup and mounts of the run before, and refuses another one. */
  isReleased = true;
  restartCount = 0;
  /** Milliseconds of the last back-off. */
  restartDelay = 0;
  /** null: it has no health check, or was never started. */
  health: Health | null = null;
  /** Ends what looks at its health; null: nobody does. */
  monitor: AbortController | null = null;
  /** Docker's DNS in its network, while it runs; null: none of its networks has had names since the start. */
  resolver: ResolverSockets | null = null;
  /** Calls off a start that waits for its turn; null: none does. */
  waitingStart: AbortController | null = null;
  /** Ends the wait before a restart. */
  pendingRestart: AbortController | null = null;

  constructor(
    readonly identity: ContainerIdentity,
    name: string,
    hostConfig: HostConfig,
    /** Another than the first after a restore. */
    state: ContainerState = createdState,
  ) {
    this.#state = state;
    this.name = name;
    this.hostConfig = hostConfig;
    this.modes = parseModes(hostConfig);
    this.logs = new LogStore(logBytesKept(hostConfig.LogConfig), logRecordCost(hostConfig.LogConfig));
    this.streams = this.newStreams();
  }

  get id(): string {
    return this.identity.id;
  }

  get mounts(): readonly ContainerMount[] {
    return this.identity.mounts;
  }

  get config(): ContainerConfig {
    return this.identity.config;
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** Only under the lock. @throws AppError conflict when the state does not allow it; nothing changed then */
  move(this: LockedContainer, move: ContainerMove): void {
    this.changeState(move);
  }

  /** Runs one task at a time, in the order they came. Nobody may wait for a process in one: the end of its run needs the lock. */
  locked<T>(task: (container: LockedContainer) => Promise<T> | T): Promise<T> {
    return this.#lock.run(async () => {
      this.#isLocked = true;
      try {
        if (!this.isLocked()) throw new AppError('internal', 'the lock is not held');
        return await task(this);
      } finally {
        this.#isLocked = false;
      }
    });
  }

  /** Who has the lock lets a save go by while this lasts: it takes as long as a client likes, and a restore can undo it. */
  async atClientsPace<T>(this: LockedContainer, task: () => Promise<T>): Promise<T> {
    this.beginClientsPace(true);
    try {
      return await task();
    } finally {
      this.beginClientsPace(false);
    }
  }

  get isIdle(): boolean {
    return this.#lock.isIdle || this.#isAtClientsPace;
  }

  whenIdle(): Promise<void> {
    return this.#lock.whenIdle();
  }

  holdUntil(over: Promise<void>): void {
    this.#lock.holdUntil(over);
  }

  private beginClientsPace(is: boolean): void {
    this.#isAtClientsPace = is;
  }

  private isLocked(): this is LockedContainer {
    return this.#isLocked;
  }

  private changeState(move: ContainerMove): void {
    if (!this.#isLocked) throw new AppError('internal', `${this.id}: ${move.move} without the lock`);
    this.#state = transition(this.#state, move, this.id);
  }

  /** Streams for the next run; clients may attach before it starts. */
  newStreams(): ProcessStreams {
    const { Tty: tty, OpenStdin: openStdin, StdinOnce: closeStdin } = this.identity.config;
    return new ProcessStreams({ tty, openStdin, closeStdin });
  }
}
