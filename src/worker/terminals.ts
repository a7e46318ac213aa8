import { pipeTo } from '../base/streams.ts';
import type { GuestProcess } from '../guest/process.ts';
import type { GuestProcesses } from '../guest/processes.ts';
import { openShell } from '../guest/terminal.ts';
import type { OpenedTerminal, PlaygroundTerminals, TerminalSize } from '../protocol/playground.ts';
import { duplexOverPort, type MessagePortLike } from '../protocol/port-stream.ts';

/** The guest's terminals: each a login shell on a pty, joined to a connection. */
export class Terminals implements PlaygroundTerminals {
  readonly #processes: () => GuestProcesses;
  readonly #createPorts: () => readonly [MessagePortLike, MessagePortLike];
  readonly #open = new Map<number, GuestProcess>();
  #last = 0;

  constructor(processes: () => GuestProcesses, createPorts: () => readonly [MessagePortLike, MessagePortLike]) {
    this.#processes = processes;
    this.#createPorts = createPorts;
  }

  async open(size: TerminalSize): Promise<OpenedTerminal> {
    const shell = await openShell(this.#processes(), size);
    const [mine, port] = this.#createPorts();
    const connection = duplexOverPort(mine);
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
    return { id, port };
  }

  resize(id: number, size: TerminalSize): Promise<void> {
    this.#open.get(id)?.resize(size);
    return Promise.resolve();
  }

  close(id: number): Promise<void> {
    this.#open.get(id)?.hangUp();
    this.#open.delete(id);
    return Promise.resolve();
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) void this.close(id);
  }
}
