import { pipeTo, type Duplex } from '../base/streams.ts';
import type { GuestProcess } from '../guest/process.ts';
import type { GuestProcesses } from '../guest/processes.ts';
import { openShell } from '../guest/terminal.ts';
import type { TerminalSize } from '../protocol/playground.ts';

/** The guest's terminals: each a login shell on a pty, joined to a connection. */
export class Terminals {
  readonly #open = new Map<number, GuestProcess>();
  #last = 0;

  async open(processes: GuestProcesses, size: TerminalSize, connection: Duplex): Promise<number> {
    const shell = await openShell(processes, size);
    this.#last += 1;
    const id = this.#last;
    this.#open.set(id, shell);
    const ended = (): void => {
      this.#open.delete(id);
      connection.source.cancel();
    };
    // What fails is the connection or the machine: nobody reads what a shell says after that.
    const lost = (): void => {
      shell.hangUp();
      ended();
    };
    pipeTo(shell.stdout, connection.sink).then(ended, lost);
    if (shell.stdin !== null) pipeTo(connection.source, shell.stdin).catch(() => undefined);
    return id;
  }

  resize(id: number, size: TerminalSize): void {
    this.#open.get(id)?.resize(size);
  }

  close(id: number): void {
    this.#open.get(id)?.hangUp();
    this.#open.delete(id);
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.close(id);
  }
}
