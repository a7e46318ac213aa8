import type { ContainerSummary, Network } from '../../../protocol/engine-api.ts';
import type { LogEntry } from '../../../protocol/log.ts';
import type { Engine } from '../../engine.ts';

/** The engine that operations are tried on. */
export interface Subject extends Pick<Engine, 'lifecycle' | 'streams' | 'exec'> {
  readonly containers: Pick<Engine['containers'], 'create' | 'inspect' | 'remove' | 'rename' | 'update' | 'prune'> & {
    list(options: Parameters<Engine['containers']['list']>[0]): Promise<readonly ContainerSummary[]>;
  };
  readonly networks: {
    list(filters: Readonly<Record<string, readonly string[]>>): Promise<readonly Network[]>;
    inspect(id: string): Promise<Network>;
    readonly connect: Engine['networks']['connect'];
    readonly disconnect: Engine['networks']['disconnect'];
    readonly create: Engine['networks']['create'];
    readonly remove: Engine['networks']['remove'];
  };
  readonly log: Pick<Engine['log'], 'since' | 'last' | 'epoch'>;
}

/** What the Docker host really has, whatever the engine believes. */
export interface HostState {
  /** Processes of containers that are there: cgroup by PID. */
  readonly processes: ReadonlyMap<number, string>;
  /** Of containers, below /sys/fs/cgroup. */
  readonly cgroups: ReadonlySet<string>;
  /** IDs whose overlay is mounted. */
  readonly overlays: ReadonlySet<string>;
  /** IDs that have a layer of their own on disk. */
  readonly folders: ReadonlySet<string>;
  /** How many interfaces lead from the host into containers. */
  readonly interfaces: number;
  /** Names of bridges. */
  readonly bridges: ReadonlySet<string>;
  /** IDs of containers whose names are answered; null: not to be seen. */
  readonly resolvers: ReadonlySet<string> | null;
  /** Places where files of containers are shown outside of them. */
  readonly views: ReadonlySet<string>;
}

export type ProgramName = 'sleeps' | 'ends' | 'fails' | 'reads' | 'heeds' | 'brief' | 'missing' | 'hungry' | 'talks';

/** A host at one moment, engine and machine together. */
export interface SavedHost {
  /** Of its log. */
  readonly entries: readonly LogEntry[];
  /** Goes back to it, with a new engine. `lost`: over a machine without the processes. */
  restore(how: 'kept' | 'lost'): Promise<void>;
  dispose(): void;
}

/** The host under an engine, as a sequence of operations needs it. */
export interface ScenarioHost {
  readonly subject: Subject;
  /** Bodies of POST /containers/create by what the program does. */
  readonly programs: Readonly<Record<ProgramName, Readonly<Record<string, unknown>>>>;
  /** Commands of execs. */
  readonly execs: Readonly<Record<'sleeps' | 'ends' | 'talks', readonly string[]>>;
  /** Nothing happens by itself between two operations: what one comes to can be said before. */
  readonly steady: boolean;
  /** Milliseconds of the host's time in which books and host must have come to agree after an operation. */
  readonly agreesWithin: number;
  state(): Promise<HostState>;
  /** What was set going and needs no time is over. */
  settle(): Promise<void>;
  /** Lets time pass until it is done. @throws when it never is */
  done<T>(promise: Promise<T>): Promise<T>;
  pass(milliseconds: number): Promise<void>;
  /** The next call of the runtime by this name fails; no host but one in memory can. */
  readonly fail?: (call: string) => void;
  /** The container's first process ends from inside. */
  readonly end?: (id: string, how: 'exit' | 'oom' | 'lost') => void;
  /** The host goes on. */
  save(): Promise<SavedHost>;
}
