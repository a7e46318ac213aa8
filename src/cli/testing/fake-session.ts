import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { createPipe, readAll, sourceOf, type ByteSink } from '../../base/streams.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import type { HttpHandler } from '../../protocol/http.ts';
import { runDocker } from '../run-docker.ts';
import { WriteError } from '../errors.ts';
import type { CliSession, LocalStat, TerminalSize } from '../session.ts';

export interface FakeSessionOptions {
  readonly engine: HttpHandler;
  readonly args: readonly string[];
  /** Piped into stdin, which then ends; without it stdin stays open and silent until `type` is used. */
  readonly stdin?: string;
  /** All three streams are one terminal of this size. */
  readonly terminal?: TerminalSize;
  readonly env?: Readonly<Record<string, string>>;
  /** By path, also of what is written; there is no folder /nowhere. */
  readonly files?: Map<string, string>;
  /** Told of what is written to stdout, and with a terminal to stderr. */
  readonly onOutput?: (text: string) => void;
  /** Nobody reads stdout. */
  readonly closedOutput?: boolean;
  /** stdout is a disk that is full. */
  readonly fullOutput?: boolean;
}

export interface FinishedSession {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A docker process whose parent is a test. */
export class FakeSession {
  readonly files: Map<string, string>;
  readonly rawModes: boolean[] = [];
  readonly finished: Promise<FinishedSession>;
  readonly #stdin = createPipe();
  readonly #resized = new Emitter<TerminalSize>();
  readonly #signals = new Emitter<number>();
  readonly #waiting = new Set<() => void>();
  #size: TerminalSize;
  #stdout = '';
  #stderr = '';
  /** Bytes were asked of stdin. */
  stdinWasRead = false;

  constructor(options: FakeSessionOptions) {
    this.files = options.files ?? new Map();
    this.#size = options.terminal ?? { rows: 0, columns: 0 };
    if (options.stdin !== undefined) void this.#stdin.sink.write(utf8(options.stdin)).then(() => this.#stdin.sink.close());
    const session = this.#session(options);
    this.finished = runDocker(session).then((status) => ({ status, stdout: this.#stdout, stderr: this.#stderr }));
  }

  /** Keys or piped bytes. */
  async type(text: string): Promise<void> {
    await this.#stdin.sink.write(utf8(text));
  }

  async endInput(): Promise<void> {
    await this.#stdin.sink.close();
  }

  signal(number: number): void {
    this.#signals.emit(number);
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#resized.emit(size);
  }

  /** What stderr holds by now. */
  get errors(): string {
    return this.#stderr;
  }

  /** Resolves once stdout holds the text. */
  async printed(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #session({
    engine,
    args,
    terminal,
    env = {},
    closedOutput = false,
    fullOutput = false,
    onOutput = () => undefined,
  }: FakeSessionOptions): CliSession {
    const isTty = terminal !== undefined;
    const print = (text: string): void => {
      this.#stdout += text;
      onOutput(text);
    };
    const { source } = this.#stdin;
    return {
      argv: ['docker', ...args],
      env,
      cwd: '/root',
      stdin: {
        source: {
          read: () => {
            this.stdinWasRead = true;
            return source.read();
          },
          cancel: (reason) => source.cancel(reason),
        },
        isTty,
      },
      stdout: { sink: closedOutput ? brokenPipe : fullOutput ? fullDevice : this.#sink(print), isTty },
      stderr: { sink: this.#sink((text) => (isTty ? print(text) : (this.#stderr += text))), isTty },
      terminal: isTty
        ? {
            size: () => this.#size,
            onResize: this.#resized.event,
            setRaw: async (raw) => {
              this.rawModes.push(raw);
            },
          }
        : null,
      onSignal: (listener) => this.#signals.event(listener),
      readFile: async (path) => {
        const text = this.files.get(path);
        if (text === undefined) throw new AppError('not_found', `open ${path}: no such file or directory`);
        return utf8(text);
      },
      writeFile: async (path, contents) => {
        if (path.startsWith('/nowhere/')) throw new AppError('not_found', `open ${path}: no such file or directory`);
        this.files.set(path, fromUtf8(contents));
      },
      folders: {
        list: async (path) => this.#list(path),
        remove: async (path) => {
          for (const file of this.files.keys()) if (file === path || file.startsWith(`${path}/`)) this.files.delete(file);
        },
        lstat: async (path) => this.#stat(path),
        stat: async (path) => this.#stat(path),
        archive: async ({ path, name }) => tarOf([fakeEntry(name, this.files.get(path) ?? '')]),
        extract: async ({ path, rename }, archive) => {
          for await (const { header, contents } of tarEntries(archive))
            if (header.type === 'file')
              this.files.set(`${path}/${rename === '' ? header.path : rename}`, fromUtf8(await readAll(contents)));
        },
        writeStream: async (path, source) => void this.files.set(path, fromUtf8(await readAll(source))),
      },
      engine,
    };
  }

  /** Folders are what has files below; the session's own is one. */
  #stat(path: string): LocalStat | null {
    if (this.files.has(path)) return { mode: 0o100644, link: '' };
    const folder = path.replace(/\/\.?$/, '');
    const isFolder = ['', '.', '/root', '/tmp'].includes(folder) || [...this.files.keys()].some((file) => file.startsWith(`${folder}/`));
    return isFolder ? { mode: 0o040755, link: '' } : null;
  }

  #list(path: string): readonly string[] | null {
    const below = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1));
    return below.length === 0 ? null : [...new Set(below.map((name) => name.split('/')[0] ?? ''))];
  }

  #sink(append: (text: string) => void): ByteSink {
    return {
      write: (chunk) => {
        append(fromUtf8(chunk));
        const waiting = [...this.#waiting];
        this.#waiting.clear();
        for (const wake of waiting) wake();
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
      abort: () => undefined,
    };
  }
}

function fakeEntry(path: string, text: string): TarInput {
  const contents = utf8(text);
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map() };
  return { header: { ...plain, path, type: 'file', size: contents.length }, contents: sourceOf(contents) };
}

const fullDevice: ByteSink = {
  write: () => Promise.reject(new WriteError('write /dev/stdout: no space left on device')),
  close: () => Promise.resolve(),
  abort: () => undefined,
};

const brokenPipe: ByteSink = {
  write: () => Promise.reject(new AppError('cancelled', 'the reader is gone')),
  close: () => Promise.resolve(),
  abort: () => undefined,
};

/** Runs a command line to its end. */
export function docker(
  engine: HttpHandler,
  args: readonly string[],
  options: Omit<FakeSessionOptions, 'engine' | 'args'> = {},
): Promise<FinishedSession> {
  return new FakeSession({ engine, args, ...options }).finished;
}
