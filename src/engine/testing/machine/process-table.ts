import { AppError } from '../../../base/errors.ts';
import { errno, type ProcessSpec } from '../../runtime.ts';
import { TestProcess, type SavedProcess } from '../process.ts';
import { standardPrograms, type Program } from '../programs.ts';

type Place = Pick<TestProcess, 'files' | 'cgroup'>;

/** Processes by PID, and the programs they can run. */
export class TestProcessTable {
  readonly programs = new Map<string, Program>(Object.entries(standardPrograms));
  readonly #byPid = new Map<number, TestProcess>();
  readonly #endsAgain = new Set<TestProcess>();
  /** How many there ever were. */
  count = 0;

  byPid(pid: number): TestProcess | null {
    return this.#byPid.get(pid) ?? null;
  }

  /** Nothing is found by it any more. */
  isGone(pid: number): boolean {
    return this.#byPid.get(pid)?.running === false;
  }

  get alive(): readonly TestProcess[] {
    return [...this.#byPid.values()].filter(({ running }) => running);
  }

  /** What had ended when the machine was saved, and ends again for who adopts it (`machine.save`). */
  endedBefore(handle: number): TestProcess | null {
    return [...this.#endsAgain].find((process) => process.handle === handle) ?? null;
  }

  forgetEnded(): void {
    for (const [pid, { running }] of this.#byPid) if (!running) this.#byPid.delete(pid);
  }

  /** @throws AppError ENOENT for a program that is not there */
  spawn(spec: ProcessSpec, place: Place): TestProcess {
    const name = spec.args?.[0] ?? '';
    const program = this.programs.get(name);
    if (program === undefined) {
      throw new AppError('internal', `exec: "${name}": executable file not found in $PATH`, {
        detail: { errno: errno.ENOENT, stage: 'lookup' },
      });
    }
    this.count += 1;
    const process = new TestProcess({ ...place, handle: this.count * 2 - 1, pid: 100 + this.count }, spec);
    this.#byPid.set(process.pid, process);
    run(process, program);
    return process;
  }

  resume(saved: SavedProcess, place: Place): TestProcess {
    const process = new TestProcess({ ...place, handle: saved.handle, pid: saved.pid }, saved.spec);
    process.resume(saved);
    this.#byPid.set(process.pid, process);
    const program = this.programs.get(saved.spec.args?.[0] ?? '');
    if (saved.exit !== null) this.#endsAgain.add(process);
    else if (program !== undefined) run(process, program);
    return process;
  }
}

function run(process: TestProcess, program: Program): void {
  void Promise.resolve()
    .then(() => program(process))
    .then(
      (code) => process.exit(code ?? 0),
      // Nobody reads any more, as SIGPIPE ends it.
      () => process.exit(0, { signal: 13 }),
    );
}
