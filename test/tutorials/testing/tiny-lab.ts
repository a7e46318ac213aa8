import { fromUtf8 } from '../../../src/base/bytes.ts';
import { guestOf } from '../../../src/tutorial/testing/facts.ts';
import { createManualClock } from '../../../src/tutorial/testing/manual-clock.ts';
import type { TutorialTerminal } from '../../../src/tutorial/index.ts';
import type { Lab } from '../lab.ts';
import { isShell, runDocker, runLine, type Attached } from './tiny-cli.ts';
import { TinyDocker, type TinyContainer } from './tiny-docker.ts';

/** The words of a line; double quotes keep blanks. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** One terminal: the host's shell, or the container it is attached to. */
class TinyTerminal implements TutorialTerminal {
  readonly #docker: TinyDocker;
  readonly #files: Map<string, string>;
  #line = '';
  #attached: Attached = null;
  #waiting: (() => void)[] = [];

  constructor(docker: TinyDocker, files: Map<string, string>) {
    this.#docker = docker;
    this.#files = files;
  }

  write(keys: string): Promise<void> {
    for (const key of keys) this.#press(key);
    return Promise.resolve();
  }

  untilPrompt(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasPrompt()) return resolve();
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => reject(new Error('no prompt came back')), { once: true });
    });
  }

  #hasPrompt(): boolean {
    return this.#attached === null || (isShell(this.#attached) && this.#attached.tty);
  }

  #press(key: string): void {
    if (key === '\x03') this.#interrupt();
    else if (key !== '\r') this.#line += key;
    else {
      const line = this.#line;
      this.#line = '';
      this.#enter(line);
    }
    if (this.#hasPrompt()) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #interrupt(): void {
    this.#line = '';
    if (this.#attached !== null && !isShell(this.#attached)) {
      this.#docker.end(this.#attached, 0);
      this.#attached = null;
    }
  }

  #enter(line: string): void {
    const container = this.#attached;
    if (container === null) {
      const [program, ...words] = wordsOf(line);
      if (program === 'docker') this.#attached = runDocker(this.#docker, words);
      else runLine(this.#files, line);
    } else if (line === 'exit' && isShell(container)) {
      this.#docker.end(container, 0);
      this.#attached = null;
    } else if (isShell(container)) runLine(container.files, line);
  }
}

/** What a container shows of itself: its files, and a cgroup of two processes while it runs. */
function filesOf({ id, files, state }: TinyContainer): Record<string, string> {
  const own = Object.fromEntries([...files].map(([path, text]) => [`container:${id}:${path}`, text]));
  const cgroup = { [`container:${id}:/proc/self/cgroup`]: `0::/docker/${id}\n`, [`guest:/sys/fs/cgroup/docker/${id}/pids.current`]: '2\n' };
  return state === 'running' ? { ...own, ...cgroup } : own;
}

/** A lab without a guest: it proves the harness, not the tutorials. */
export function openTinyLab(): Promise<Lab> {
  const docker = new TinyDocker();
  const clock = createManualClock();
  const files = new Map<string, string>();
  const terminals = new Map<number, TinyTerminal>();
  const everything = (): Record<string, string> => ({
    ...Object.fromEntries([...files].map(([path, text]) => [`guest:${path}`, text])),
    ...Object.assign({}, ...[...docker.containers.values()].map(filesOf)),
  });
  return Promise.resolve({
    facts: {
      snapshot: () => Promise.resolve({ sequence: docker.sequence, containers: docker.inspect(), images: docker.images(), networks: [] }),
      logSince: (after) => Promise.resolve(docker.since(after)),
      subscribeLog: (_after, listener) => Promise.resolve(docker.subscribe(listener)),
      unsubscribeLog: (subscription) => Promise.resolve(docker.unsubscribe(subscription)),
      inspectGuest: (queries) => guestOf(everything()).inspectGuest(queries),
      watchExecs: () => Promise.resolve(),
    },
    bench: {
      reset() {
        docker.clear();
        files.clear();
        terminals.clear();
        return Promise.resolve(docker.sequence);
      },
      writeFiles(written) {
        for (const { path, bytes } of written) files.set(path, fromUtf8(bytes));
        return Promise.resolve();
      },
    },
    clock,
    terminal(index) {
      const known = terminals.get(index) ?? new TinyTerminal(docker, files);
      terminals.set(index, known);
      return known;
    },
    letPass: (milliseconds) => clock.pass(milliseconds),
    patience: 500,
    dispose: () => Promise.resolve(),
  });
}
