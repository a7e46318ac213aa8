import type { Disposable } from '../base/disposable.ts';
import type { ByteSink, ByteSource } from '../base/streams.ts';
import type { HttpHandler } from '../protocol/http.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** The controlling terminal of the caller, if any of its three streams is one. */
export interface CliTerminal {
  size(): TerminalSize;
  onResize(listener: (size: TerminalSize) => void): Disposable;
  /** cfmakeraw(3) on the terminal, or back to what it was. */
  setRaw(raw: boolean): Promise<void>;
}

/** One execution of `docker`: everything that a process would have got from its parent. */
export interface CliSession {
  /** argv[0] is the name it was called by. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** '' where that folder was removed. */
  readonly cwd: string;
  /** Nothing is taken from the caller's stdin before the first read(). */
  readonly stdin: { readonly source: ByteSource; readonly isTty: boolean };
  readonly stdout: { readonly sink: ByteSink; readonly isTty: boolean };
  readonly stderr: { readonly sink: ByteSink; readonly isTty: boolean };
  readonly terminal: CliTerminal | null;
  /** Signals that were sent to the docker process, by Linux number; SIGPIPE, too, when nobody reads what it wrote. */
  onSignal(listener: (signal: number) => void): Disposable;
  /**
   * @param path absolute or relative to `cwd`
   * @param longestLine bytes; what is behind a longer one is not wanted
   * @throws AppError not_found or forbidden, `open PATH: WHY`, and of other kinds in Go's words
   */
  readFile(path: string, longestLine?: number): Promise<Uint8Array>;
  /** Creates or truncates. Rejects with AppError not_found (no such directory) or forbidden. */
  writeFile(path: string, contents: Uint8Array): Promise<void>;
  readonly engine: HttpHandler;
}
