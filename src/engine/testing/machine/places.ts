import type { Fact } from '../../../protocol/facts.ts';
import type { TestContainers } from './containers.ts';
import type { TestFiles } from './files.ts';
import type { TestOverlays } from './overlays.ts';
import type { TestProcessTable } from './process-table.ts';
import type { TestVolumes } from './volumes.ts';

/** Whose files a request is about. */
export class TestPlaces {
  readonly #files: TestFiles;
  readonly #overlays: TestOverlays;
  readonly #volumes: TestVolumes;
  readonly #table: TestProcessTable;
  readonly #containers: TestContainers;

  constructor(parts: {
    readonly files: TestFiles;
    readonly overlays: TestOverlays;
    readonly volumes: TestVolumes;
    readonly table: TestProcessTable;
    readonly containers: TestContainers;
  }) {
    this.#files = parts.files;
    this.#overlays = parts.overlays;
    this.#volumes = parts.volumes;
    this.#table = parts.table;
    this.#containers = parts.containers;
  }

  /** A process's root, a mount's or a volume's, or the host's. */
  at(pid: number, root: string): Map<string, string> {
    if (pid > 0) return this.#table.byPid(pid)?.files ?? new Map<string, string>();
    if (root === '') return this.#files.tree;
    return this.#overlays.mounted.get(root) ?? this.#volumes.files.get(root) ?? new Map<string, string>();
  }

  /** A container's own files, its cgroup, or the host's. What a test put into `tree` comes first. */
  of({ path, pid = 0, root = '' }: Fact): ReadonlyMap<string, string> {
    if (root !== '' || pid > 0) return this.at(root === '' ? pid : 0, root);
    if (this.#files.tree.has(path)) return this.#files.tree;
    for (const { spec, cgroup, process, execs } of this.#containers.byId.values()) {
      const folder = `/sys/fs/cgroup/${spec.cgroup ?? ''}`;
      if (!path.startsWith(`${folder}/`)) continue;
      const pids = [process, ...execs].filter(({ running }) => running).map((member) => member.pid);
      const live = { 'cgroup.procs': pids.map((member) => `${member}\n`).join(''), 'pids.current': `${pids.length}\n` };
      return new Map([...cgroup, ...Object.entries(live)].map(([name, text]) => [`${folder}/${name}`, text]));
    }
    return this.#files.tree;
  }
}
