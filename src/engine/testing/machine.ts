import type { AppError } from '../../base/errors.ts';
import type { Fact, FactResult } from '../../protocol/facts.ts';
import type { FirewallFamily } from '../../protocol/firewall.ts';
import { errno, type Runtime } from '../runtime.ts';
import { answerFact } from './host-files.ts';
import { TestArchives } from './machine/archives.ts';
import { TestCalls } from './machine/calls.ts';
import { TestContainers } from './machine/containers.ts';
import { TestFiles, type SavedFiles } from './machine/files.ts';
import { TestFirewall, type SavedFirewall } from './machine/firewall.ts';
import { TestLayers } from './machine/layers.ts';
import { TestNetworks, type SavedNetworks } from './machine/networks.ts';
import { TestOverlays, type SavedOverlays } from './machine/overlays.ts';
import { TestPlaces } from './machine/places.ts';
import { TestProcessTable } from './machine/process-table.ts';
import { TestProcesses, type SavedProcesses } from './machine/processes.ts';
import { TestVolumes } from './machine/volumes.ts';
import { TestOutside } from './outside.ts';
import type { TestProcess } from './process.ts';
import { TestResolvers, type SavedResolvers } from './resolvers.ts';

/** A machine at one moment. */
export interface SavedMachine {
  readonly processes: SavedProcesses;
  readonly networks: SavedNetworks;
  readonly files: SavedFiles;
  readonly overlays: SavedOverlays;
  readonly firewall: SavedFirewall;
  readonly resolvers: SavedResolvers;
}

/** Of what is below the root of a process that has ended. */
const gone: FactResult = { errno: errno.ENOENT, text: '', names: [], stat: null };

/** A Docker host in memory: what the engine asks of one, each in a file of its own in `machine/`. */
export class TestMachine implements Runtime {
  readonly #calls = new TestCalls();
  readonly #containers = new TestContainers();
  readonly #table = new TestProcessTable();
  readonly files: TestFiles;
  readonly networks: TestNetworks;
  readonly firewall = new TestFirewall(this.#calls);
  readonly volumes = new TestVolumes(this.#calls);
  readonly resolvers = new TestResolvers();
  readonly outside = new TestOutside();
  readonly overlayMounts: TestOverlays;
  readonly layers: TestLayers;
  readonly archives: TestArchives;
  readonly processes: TestProcesses;
  readonly #places: TestPlaces;

  constructor(tree: Readonly<Record<string, string>> = {}) {
    const [calls, containers, table] = [this.#calls, this.#containers, this.#table];
    this.files = new TestFiles(calls, tree);
    this.networks = new TestNetworks(calls, containers, this.files);
    this.overlayMounts = new TestOverlays(calls, this.files);
    this.layers = new TestLayers(calls, containers, this.files);
    const { files, overlayMounts: overlays, volumes, networks } = this;
    this.#places = new TestPlaces({ files, overlays, volumes, table, containers });
    this.archives = new TestArchives(calls, files, this.#places);
    const releaseRestored = (): void => this.resolvers.releaseRestored();
    this.processes = new TestProcesses({ calls, containers, table, files, overlays, networks, releaseRestored });
  }

  readonly facts = {
    inspect: async (facts: readonly Fact[]): Promise<readonly FactResult[]> => {
      await this.#calls.call('inspect');
      return facts.map((fact) => (this.#table.isGone(fact.pid ?? 0) ? gone : answerFact(fact, this.#places.of(fact), this.devices)));
    },
  };

  get programs(): TestProcessTable['programs'] {
    return this.#table.programs;
  }
  /** Processes that are there, by PID. */
  get alive(): readonly TestProcess[] {
    return this.#table.alive;
  }
  get containers(): TestContainers['byId'] {
    return this.#containers.byId;
  }
  get started(): TestProcesses['started'] {
    return this.processes.started;
  }
  get removed(): readonly string[] {
    return this.processes.removed;
  }
  get released(): readonly number[] {
    return this.processes.released;
  }
  get cgroups(): ReadonlySet<string> {
    return this.processes.cgroups;
  }
  get bridges(): TestNetworks['bridges'] {
    return this.networks.bridges;
  }
  get interfaces(): ReadonlyMap<string, string> {
    return this.networks.interfaces;
  }
  get tree(): Map<string, string> {
    return this.files.tree;
  }
  get devices(): TestFiles['devices'] {
    return this.files.devices;
  }
  get folders(): readonly string[] {
    return this.files.folders;
  }
  get uppers(): TestFiles['uppers'] {
    return this.files.uppers;
  }
  get mounted(): TestOverlays['mounted'] {
    return this.overlayMounts.mounted;
  }
  get overlays(): TestOverlays['shown'] {
    return this.overlayMounts.shown;
  }
  get volumeFolders(): TestVolumes['folders'] {
    return this.volumes.folders;
  }
  get volumeFiles(): TestVolumes['files'] {
    return this.volumes.files;
  }
  get volumeMounts(): TestVolumes['mounts'] {
    return this.volumes.mounts;
  }

  get failures(): Map<string, AppError> {
    return this.#calls.failures;
  }
  get gate(): Promise<void> | null {
    return this.#calls.gate;
  }
  set gate(gate: Promise<void> | null) {
    this.#calls.gate = gate;
  }
  get roundTrip(): () => Promise<void> {
    return this.#calls.roundTrip;
  }
  set roundTrip(roundTrip: () => Promise<void>) {
    this.#calls.roundTrip = roundTrip;
  }

  processOf(container: string): TestProcess {
    const found = this.containers.get(container)?.process;
    if (found === undefined) throw new Error(`${container} is not on the test machine`);
    return found;
  }

  /** The process started last by exec. */
  get lastExec(): TestProcess {
    const { lastExec } = this.processes;
    if (lastExec === null) throw new Error('nothing was executed');
    return lastExec;
  }

  /** As `iptables -t TABLE -S` shows it. */
  iptables(table: string, family: FirewallFamily = 'ip'): string[] {
    return this.firewall.list(table, family);
  }

  dropChain(table: string, chain: string): void {
    this.firewall.dropChain(table, chain);
  }

  save(): SavedMachine {
    return {
      processes: this.processes.save(),
      networks: this.networks.save(),
      files: this.files.save(),
      overlays: this.overlayMounts.save(),
      firewall: this.firewall.save(),
      resolvers: this.resolvers.save(),
    };
  }

  /** Of a machine that was just made, with the programs it had. */
  restore(saved: SavedMachine): void {
    this.networks.restore(saved.networks);
    this.files.restore(saved.files);
    this.overlayMounts.restore(saved.overlays);
    this.firewall.restore(saved.firewall);
    this.resolvers.restore(saved.resolvers);
    this.processes.restore(saved.processes);
  }

  /** What only a test looks back at, and a test of what stays must not find: ended processes, and what was started and removed. */
  forgetPast(): void {
    this.#table.forgetEnded();
    for (const [container, { closed }] of this.resolvers.open) if (closed) this.resolvers.open.delete(container);
    this.processes.started.length = 0;
    this.processes.removed.length = 0;
  }
}
