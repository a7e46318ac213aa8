import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { createPipe, type ByteSink, type ByteSource, type Duplex } from '../../base/streams.ts';
import type { ProcessExit, ProcessSpec, RunningProcess, TerminalSize } from '../runtime.ts';

/** Signals whose default action is not to end the process. */
const harmless = new Set([17, 18, 28]);

/** What the machine gives a process besides its streams. */
export interface ProcessPlace {
  readonly handle: number;
  readonly pid: number;
  /** What its container wrote, by path. */
  readonly files: Map<string, string>;
  /** Its container's cgroup files, by name. */
  readonly cgroup: Map<string, string>;
}

/** A process as a save of its machine has it. */
export interface SavedProcess {
  readonly handle: number;
  readonly pid: number;
  readonly spec: ProcessSpec;
  readonly frozen: boolean;
  /** Signals that wait for its thaw. */
  readonly held: readonly number[];
  readonly handlers: ReadonlyMap<number, () => void>;
  /** How it ended; null: it runs. */
  readonly exit: ProcessExit | null;
}

/** A process of the test machine: real pipes, real signals as far as the engine can tell. */
export class TestProcess implements RunningProcess {
  readonly handle: number;
  readonly pid: number;
  readonly files: Map<string, string>;
  readonly cgroup: Map<string, string>;
  readonly #stdin: Duplex | null;
  #stdout = createPipe();
  #stderr: Duplex | null;
  readonly #oom = new Emitter<void>();
  readonly #exit: Promise<ProcessExit>;
  #settle: (exit: ProcessExit) => void = () => undefined;
  #fail: (reason: unknown) => void = () => undefined;
  #gone = false;
  #end: ProcessExit | null = null;
  #oomKilled = false;
  readonly #held: number[] = [];
  readonly #resized = new Emitter<TerminalSize>();
  /** Told of each new size of its terminal. */
  readonly onResize = this.#resized.event;
  frozen = false;
  size: TerminalSize;
  /** Signals it got, in order. */
  readonly signals: number[] = [];
  /** Signals it catches instead of ending. */
  readonly handlers = new Map<number, () => void>();

  constructor(
    { handle, pid, files, cgroup }: ProcessPlace,
    readonly spec: ProcessSpec,
  ) {
    this.handle = handle;
    this.pid = pid;
    this.files = files;
    this.cgroup = cgroup;
    this.#stdin = spec.openStdin === 1 ? createPipe() : null;
    this.#stderr = spec.tty === 1 ? null : createPipe();
    this.size = { rows: spec.rows ?? 0, columns: spec.columns ?? 0 };
    this.#exit = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    this.#exit.catch(() => undefined);
  }

  get stdin(): ByteSink | null {
    return this.#stdin?.sink ?? null;
  }
  get stdout(): ByteSource {
    return this.#stdout.source;
  }
  get stderr(): ByteSource | null {
    return this.#stderr?.source ?? null;
  }
  get exited(): Promise<ProcessExit> {
    return this.#exit;
  }
  get oom() {
    return this.#oom.event;
  }
  get running(): boolean {
    return !this.#gone;
  }
  get isTty(): boolean {
    return this.spec.tty === 1;
  }

  resize(size: TerminalSize): void {
    if (!this.isTty || this.#gone) return;
    this.size = size;
    this.#resized.emit(size);
  }

  /** Its output goes to a new link from now on; what was unread in the old one is lost with it. */
  plugAnew(): void {
    this.#stdout = createPipe();
    this.#stderr = this.isTty ? null : createPipe();
  }

  /** What the process reads. */
  get input(): ByteSource {
    return this.#stdin?.source ?? { read: () => Promise.resolve(null), cancel: () => undefined };
  }

  print(text: string | Uint8Array): Promise<void> {
    return this.#write(this.#stdout, text);
  }

  complain(text: string | Uint8Array): Promise<void> {
    return this.#write(this.#stderr ?? this.#stdout, text);
  }

  /** A terminal shows a line's end as CR LF (ONLCR of termios(3)). */
  #write({ sink }: Duplex, text: string | Uint8Array): Promise<void> {
    if (this.isTty) return sink.write(utf8((typeof text === 'string' ? text : fromUtf8(text)).replaceAll('\n', '\r\n')));
    return sink.write(typeof text === 'string' ? utf8(text) : text);
  }

  exit(code: number, { signal = 0, keepOutput = false }: { readonly signal?: number; readonly keepOutput?: boolean } = {}): void {
    if (this.#gone) return;
    this.#gone = true;
    if (!keepOutput) {
      void this.#stdout.sink.close();
      void this.#stderr?.sink.close();
    }
    this.#stdin?.source.cancel(new AppError('cancelled', 'the process is gone'));
    this.#end = { code: signal > 0 ? 128 + signal : code, signal, oomKilled: this.#oomKilled };
    this.#settle(this.#end);
  }

  /** The link to the machine breaks. */
  lose(): void {
    this.#gone = true;
    // For who adopts it from a machine that was saved nevertheless.
    this.#end = { code: 255, signal: 0, oomKilled: false };
    const reason = new AppError('unavailable', 'the guest is gone');
    this.#stdout.sink.abort(reason);
    this.#stderr?.sink.abort(reason);
    this.#fail(reason);
  }

  /** The kernel's OOM killer strikes. */
  outOfMemory({ heard = true }: { readonly heard?: boolean } = {}): void {
    this.#oomKilled = true;
    if (heard) this.#oom.emit();
    this.exit(0, { signal: 9 });
  }

  save(): SavedProcess {
    const { handle, pid, spec, frozen } = this;
    return { handle, pid, spec, frozen, held: [...this.#held], handlers: new Map(this.handlers), exit: this.#end };
  }

  /** As it was saved; its program begins anew, and one that had ended ends again. */
  resume({ frozen, held, handlers, exit }: SavedProcess): void {
    this.frozen = frozen;
    this.#held.push(...held);
    for (const [signal, handler] of handlers) this.handlers.set(signal, handler);
    if (exit === null) return;
    this.#oomKilled = exit.oomKilled;
    this.exit(exit.code, { signal: exit.signal });
  }

  signal(number: number): void {
    if (this.frozen && number !== 9) this.#held.push(number);
    else this.#take(number);
  }

  freeze(frozen: boolean): void {
    this.frozen = frozen;
    if (!frozen) for (const number of this.#held.splice(0)) this.#take(number);
  }

  #take(number: number): void {
    this.signals.push(number);
    const handler = number === 9 ? undefined : this.handlers.get(number);
    if (handler !== undefined) handler();
    else if (!harmless.has(number)) this.exit(0, { signal: number });
  }
}
