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

/** lstat(2), stat(2): type and permissions as st_mode; a link's target. */
export interface LocalStat {
  readonly mode: number;
  readonly link: string;
}

/** Trees of the caller's files, as streams. Paths are absolute or relative to the session's folder; what fails is said in Go's words. */
export interface CallerFolders {
  /** null: not there. */
  lstat(path: string): Promise<LocalStat | null>;
  stat(path: string): Promise<LocalStat | null>;
  /** Names of what is in a folder, in no order; null: there is no such folder. */
  list(path: string): Promise<readonly string[] | null>;
  /** A file, or a folder with all below it; one that is not there is no error. */
  remove(path: string): Promise<void>;
  /** A file or a folder with all below it as a tar archive, in which it is called `name`. @param follow a link at `path` is what it leads to */
  archive(tree: { readonly path: string; readonly name: string; readonly follow: boolean }): Promise<ByteSource>;
  /** Unpacks below a folder that is there; all belongs to the caller. @param rename what takes the place of the first part of names; '' = nothing */
  extract(folder: { readonly path: string; readonly rename: string }, archive: ByteSource): Promise<void>;
  /** Creates or replaces a file, once all of the source is there. */
  writeStream(path: string, source: ByteSource): Promise<void>;
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
  /** A write rejects with WriteError where what the caller gave takes nothing (a full disk), with `cancelled` where nobody reads it any more. */
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
  readonly folders: CallerFolders;
  readonly engine: HttpHandler;
}
