import { AppError } from '../../../base/errors.ts';
import { memoryBlobs, memoryTars } from '../../content/memory.ts';
import { createEngine, type Engine } from '../../engine.ts';
import { testLayout } from '../../images/testing/layout.ts';
import { bundledRegistry } from '../../registry/bundled.ts';
import { TestClock, settle } from '../clock.ts';
import { countingRandom } from '../engine.ts';
import { TestMachine, type SavedMachine } from '../machine.ts';
import { forever } from '../programs.ts';
import type { TestProcess } from '../process.ts';
import { createLink, type Link } from './link.ts';
import type { SavedHost, ScenarioHost, HostState } from './subject.ts';

const image = testLayout([{ name: 'docker.io/library/busybox:latest', layers: [[{ path: 'bin/sh', mode: 0o755, data: 'x' }]] }]);
const megabyte = 2 ** 20;
/** Rounds of `settle` in which something that ends has ended. */
const patience = 50;

const programs: ScenarioHost['programs'] = {
  sleeps: { Cmd: ['stubborn'] },
  ends: { Cmd: ['true'] },
  fails: { Cmd: ['exit', '3'] },
  reads: { Cmd: ['cat'], OpenStdin: true },
  heeds: { Cmd: ['sleep'] },
  brief: { Cmd: ['sh', '-c', 'echo a; false'] },
  missing: { Cmd: ['nothing'] },
  hungry: { Cmd: ['hog', String(64 * megabyte)], HostConfig: { Memory: 16 * megabyte } },
  talks: { Cmd: ['talk'] },
};

/** PID 1 of a PID name space: what has no handler does nothing, SIGKILL excepted. */
function stubborn(process: TestProcess): Promise<never> {
  for (let signal = 1; signal < 65; signal += 1) if (signal !== 9) process.handlers.set(signal, () => undefined);
  return forever();
}

/** Writes more than a pipe holds, then rests. */
async function talk(process: TestProcess): Promise<never> {
  for (let piece = 0; piece < 16 && process.running; piece += 1) await process.print(new Uint8Array(32 * 1024).fill(0x79));
  return forever();
}

/** @param hops microtasks that round trips take, in turn: what decides who is first */
export async function memoryHost(hops: readonly number[]): Promise<MemoryHost> {
  const host = new MemoryHost(hops);
  await host.pull();
  return host;
}

/** An engine over the test machine, with time that stands still until it is let pass. */
export class MemoryHost implements ScenarioHost {
  readonly steady = true;
  readonly agreesWithin = 0;
  readonly programs = programs;
  readonly execs = { sleeps: ['sleep'], ends: ['true'], talks: ['echo', 'x'] };
  readonly #clock = new TestClock();
  readonly #random = countingRandom();
  readonly #hops: readonly number[];
  /** As it outlives an engine. */
  readonly #storage = { blobs: memoryBlobs(), tars: memoryTars() };
  #trips = 0;
  #restoring = false;
  #machine: TestMachine;
  #link: Link;
  #engine: Engine;

  constructor(hops: readonly number[]) {
    this.#hops = hops;
    this.#machine = this.#newMachine();
    [this.#link, this.#engine] = this.#newEngine();
  }

  get subject(): Engine {
    return this.#engine;
  }

  async pull(): Promise<void> {
    const progress = await this.#engine.images.pull({
      image: 'busybox',
      tag: 'latest',
      platform: '',
      signal: new AbortController().signal,
    });
    while ((await progress.read()) !== null);
  }

  state(): Promise<HostState> {
    const { containers, alive, cgroups, overlays, uppers, interfaces, bridges, mounted, resolvers } = this.#machine;
    const homes = new Map<number, string>();
    for (const { spec, process, execs } of containers.values())
      for (const { pid } of [process, ...execs]) homes.set(pid, spec.cgroup ?? '');
    const idOf = (path: string): string => path.split('/').at(-2) ?? '';
    return Promise.resolve({
      processes: new Map(alive.map(({ pid }) => [pid, homes.get(pid) ?? '?'])),
      cgroups,
      overlays: new Set([...overlays].map(idOf)),
      folders: new Set([...uppers.keys()].map(idOf)),
      interfaces: interfaces.size,
      bridges: new Set(bridges.keys()),
      resolvers: new Set(resolvers.listening.map(({ container }) => container)),
      views: new Set(mounted.keys()),
    });
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await settle();
  }

  async done<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    promise.then(end, end);
    for (let idle = 0; !over; idle += 1) {
      await this.settle();
      const { next } = this.#clock;
      if (over) break;
      if (next !== null) await this.#clock.advance(next);
      // Time that is let pass is under way though nobody waits for it.
      else if (idle > patience) throw new Error('it never ends: nothing is under way and no time is waited for');
    }
    return promise;
  }

  pass(milliseconds: number): Promise<void> {
    return this.#clock.advance(milliseconds);
  }

  fail(call: string): void {
    this.#machine.failures.set(call, new AppError('internal', `${call} fails as asked`, { detail: { errno: 5, stage: 'mount' } }));
  }

  end(id: string, how: 'exit' | 'oom' | 'lost'): void {
    const process = this.#machine.containers.get(id)?.process;
    if (how === 'exit') process?.exit(4);
    if (how === 'oom') process?.outOfMemory();
    if (how === 'lost') process?.lose();
  }

  async save(): Promise<SavedHost> {
    const [engine, link, machine] = [this.#engine, this.#link, this.#machine];
    const saved = await engine.atStandstill(async () => {
      // As long as the guest takes to stand still.
      await this.#roundTrip();
      if (link.changing.length > 0) throw new Error(`saved in the middle of ${link.changing.join()}`);
      const { log, ...records } = engine.snapshot();
      if (machine !== this.#machine) throw new AppError('unavailable', 'the machine is gone');
      return { machine: machine.save(), records: JSON.stringify(records), log };
    });
    return {
      entries: saved.log.entries,
      restore: (how) => this.#restore(saved.machine, { ...Object(JSON.parse(saved.records)), log: saved.log }, how),
      dispose: () => undefined,
    };
  }

  /** As lifecycle.ts does it: the engine and the machine before go first, and the next is there when it is whole. */
  async #restore(machine: SavedMachine, records: unknown, how: 'kept' | 'lost'): Promise<void> {
    if (this.#restoring) throw new AppError('conflict', 'the playground is being reset');
    this.#restoring = true;
    try {
      const opened = await this.#engine.openImages(records);
      const { log } = this.#engine;
      const ended = this.#engine.dispose();
      this.#link.cut();
      await ended;
      this.#machine = this.#newMachine();
      this.#machine.restore(how === 'kept' ? machine : withoutProcesses(machine));
      const [link, engine] = this.#newEngine();
      engine.log.resume(log.snapshot());
      await this.#roundTrip();
      engine.restore(records, opened);
      [this.#link, this.#engine] = [link, engine];
    } finally {
      this.#restoring = false;
    }
    const { released } = this.#machine;
    if (released.length > 0) throw new Error(`nobody knows the processes with handles ${released.join()}`);
  }

  /** Milliseconds until the next thing that is waited for; null when nothing is. */
  get waitsFor(): number | null {
    return this.#clock.next;
  }

  #newMachine(): TestMachine {
    const machine = new TestMachine();
    machine.programs.set('stubborn', stubborn).set('talk', talk);
    machine.roundTrip = () => this.#roundTrip();
    machine.resolvers.roundTrip = machine.roundTrip;
    return machine;
  }

  async #roundTrip(): Promise<void> {
    this.#trips += 1;
    const hops = this.#hops[this.#trips % this.#hops.length] ?? 0;
    for (let hop = 0; hop < hops; hop += 1) await Promise.resolve();
  }

  #newEngine(): [Link, Engine] {
    const link = createLink(this.#machine, this.#clock);
    const engine = createEngine({
      runtime: link.runtime,
      clock: link.clock,
      random: this.#random,
      registry: bundledRegistry(image.fetchBlob),
      layers: { add: () => undefined, remove: () => undefined },
      inflate: (source) => source,
      storage: this.#storage,
    });
    return [link, engine];
  }
}

/** What is left of a machine that was started again: its files and its bridges. */
function withoutProcesses(machine: SavedMachine): SavedMachine {
  return {
    ...machine,
    processes: { ...machine.processes, containers: [], cgroups: new Set() },
    networks: { ...machine.networks, interfaces: new Map() },
    overlays: { mounted: new Map(), shown: new Set() },
    resolvers: { open: [], next: machine.resolvers.next },
  };
}
