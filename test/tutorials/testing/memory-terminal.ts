import { AppError } from '../../../src/base/errors.ts';
import { FakeSession } from '../../../src/cli/testing/fake-session.ts';
import type { HttpHandler } from '../../../src/protocol/http.ts';
import type { TutorialTerminal } from '../../../src/tutorial/index.ts';

const size = { rows: 24, columns: 80 };
const SIGINT = 2;
const hostPrompt = 'root@host:~# ';
/** A line that a shell waits on: the host's `root@host:~# `, a container's `/ # `. */
const prompt = /(^|[\r\n])[^\r\n]*[#$] $/;
/** The words of a line; double quotes keep blanks. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** A line of the shell without a terminal; it knows `docker` only. */
export async function runDocker(engine: HttpHandler, line: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [, ...args] = wordsOf(line);
  const { status, stdout, stderr } = await new FakeSession({ engine, args }).finished;
  return { exitCode: status, stdout, stderr };
}

/** One terminal with the host's shell, which knows `echo … > file` and `docker`; that is the real command line over the engine's API. */
export class MemoryTerminal implements TutorialTerminal {
  readonly #engine: HttpHandler;
  readonly #files: Map<string, string>;
  #shown = hostPrompt;
  #line = '';
  #foreground: FakeSession | null = null;
  #waiting: (() => void)[] = [];

  constructor(engine: HttpHandler, files: Map<string, string>) {
    this.#engine = engine;
    this.#files = files;
  }

  async write(keys: string): Promise<void> {
    if (/[\r\x03\x04]/.test(keys)) this.#shown = '';
    for (const key of keys) await this.#press(key);
  }

  untilPrompt(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (prompt.test(this.#shown)) return resolve();
      this.#waiting.push(resolve);
      const giveUp = (): void => reject(new AppError('cancelled', `no prompt after ${JSON.stringify(this.#shown.slice(-300))}`));
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #show(text: string): void {
    this.#shown += text;
    if (prompt.test(this.#shown)) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #press(key: string): Promise<void> {
    // A raw terminal hands on the keys as they are, another one lines and signals.
    if (this.#foreground?.rawModes.at(-1) === true) return this.#foreground.type(key);
    if (key === '\x03') {
      this.#line = '';
      this.#foreground?.signal(SIGINT);
    } else if (key !== '\r' && key !== '\n') this.#line += key;
    else {
      const line = this.#line;
      this.#line = '';
      if (this.#foreground !== null) await this.#foreground.type(`${line}\n`);
      else this.#enter(line);
    }
  }

  #enter(line: string): void {
    const [program, ...words] = wordsOf(line);
    const echo = /^echo (\S+) > (\S+)$/.exec(line);
    if (echo !== null) this.#files.set(echo[2] ?? '', `${echo[1] ?? ''}\n`);
    if (program === 'docker') this.#docker(words);
    else this.#show(hostPrompt);
  }

  #docker(args: readonly string[]): void {
    const foreground = new FakeSession({ engine: this.#engine, args, terminal: size, onOutput: (text) => this.#show(text) });
    this.#foreground = foreground;
    void foreground.finished.then(() => {
      this.#foreground = null;
      this.#show(`\r\n${hostPrompt}`);
    });
  }
}
