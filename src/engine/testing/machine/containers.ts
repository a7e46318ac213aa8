import { AppError } from '../../../base/errors.ts';
import { errno, type ContainerSpec } from '../../runtime.ts';
import type { SavedProcess, TestProcess } from '../process.ts';

export interface TestContainer {
  readonly spec: ContainerSpec;
  readonly process: TestProcess;
  readonly cgroup: Map<string, string>;
  readonly execs: Set<TestProcess>;
  /** Its interfaces: names in the host and in the container. */
  readonly plugged: Map<string, string>;
  /** Of its default route; '' = none was set. */
  gateway: string;
  gateway6: string;
}

export interface SavedContainer {
  readonly spec: ContainerSpec;
  readonly process: SavedProcess;
  readonly cgroup: ReadonlyMap<string, string>;
  readonly execs: readonly SavedProcess[];
  readonly plugged: ReadonlyMap<string, string>;
  readonly gateway: string;
  readonly gateway6: string;
}

/** Containers that were started and not removed yet, by ID. */
export class TestContainers {
  readonly byId = new Map<string, TestContainer>();

  /** @throws AppError ESRCH */
  find(id: string): TestContainer {
    const found = this.byId.get(id);
    if (found === undefined) throw goneContainer(id);
    return found;
  }

  /** Its first process. @throws AppError ESRCH */
  running(id: string): TestProcess {
    const { process } = this.find(id);
    if (!process.running) throw goneContainer(id);
    return process;
  }

  save(): readonly SavedContainer[] {
    return [...this.byId.values()].map((container) => ({
      ...container,
      process: container.process.save(),
      cgroup: new Map(container.cgroup),
      execs: [...container.execs].map((exec) => exec.save()),
      plugged: new Map(container.plugged),
    }));
  }
}

export function goneContainer(id: string): AppError {
  return new AppError('not_found', `container ${id} is not running`, { detail: { errno: errno.ESRCH } });
}
