import { fromUtf8 } from '../base/bytes.ts';
import { AppError, cancelled } from '../base/errors.ts';
import { readAll } from '../base/streams.ts';
import type { GuestProcess } from '../guest/process.ts';
import type { GuestProcesses } from '../guest/processes.ts';
import { runLine } from '../guest/terminal.ts';
import type { ExecResult, PlaygroundLines } from '../protocol/playground.ts';

const outputLimit = 16 * 1024 * 1024;

/** Lines run by the guest's shell without a terminal. */
export class Lines implements PlaygroundLines {
  readonly #processes: () => GuestProcesses;
  readonly #running = new Map<string, { abort(): void }>();

  constructor(processes: () => GuestProcesses) {
    this.#processes = processes;
  }

  async run(line: string, { id }: { readonly id: string }): Promise<ExecResult> {
    if (this.#running.has(id)) throw new AppError('conflict', `a run with the id ${id} is under way`);
    let shell: GuestProcess | null = null;
    let aborted = false;
    this.#running.set(id, {
      abort() {
        aborted = true;
        shell?.hangUp();
      },
    });
    try {
      shell = await runLine(this.#processes(), line);
      if (aborted) shell.hangUp();
      return await outcome(shell);
    } catch (error) {
      throw aborted ? cancelled('the command') : error;
    } finally {
      this.#running.delete(id);
    }
  }

  abort(id: string): Promise<void> {
    this.#running.get(id)?.abort();
    return Promise.resolve();
  }

  abortAll(): void {
    for (const run of this.#running.values()) run.abort();
  }
}

async function outcome(shell: GuestProcess): Promise<ExecResult> {
  const outputs = Promise.all([
    readAll(shell.stdout, outputLimit),
    shell.stderr === null ? new Uint8Array() : readAll(shell.stderr, outputLimit),
  ]);
  try {
    const [[stdout, stderr], { code }] = await Promise.all([outputs, shell.exited]);
    return { exitCode: code, stdout: fromUtf8(stdout), stderr: fromUtf8(stderr) };
  } catch (error) {
    shell.hangUp();
    throw error;
  }
}
