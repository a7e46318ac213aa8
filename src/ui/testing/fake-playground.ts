import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { AppError, cancelled } from '../../base/errors.ts';
import { iterate, type Duplex } from '../../base/streams.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { ExecResult, GuestAnswer, GuestQuery, Playground } from '../../protocol/playground.ts';
import { duplexOverPort } from '../../protocol/port-stream.ts';

/**
 * A playground without a guest, for work on the page and for its tests: the ports, the log, files and exec are real, the shell knows `echo`, `seq`, `cat`,
 * `sleep` and `exit` and nothing of docker.
 */
export function createFakePlayground(): Playground {
  const files = new Map<string, Uint8Array>();
  const log: LogEntry[] = [];
  const listeners = new Map<number, (after: number) => void>();
  const terminals = new Map<number, Duplex>();
  const running = new Map<string, AbortController>();
  let last = 0;
  const next = (): number => (last += 1);

  const append = (action: string): void => {
    const entry: LogEntry = {
      kind: 'event',
      type: 'daemon',
      action,
      actor: { id: 'fake', attributes: {} },
      facts: {},
      sequence: log.length + 1,
      timeNano: `${Date.now()}000000`,
    };
    log.push(entry);
    for (const tell of listeners.values()) tell(log.length - 1);
  };
  const endTerminals = (): void => {
    for (const terminal of terminals.values()) endTerminal(terminal);
    terminals.clear();
  };

  return {
    lifecycle: {
      async boot(_options, onProgress) {
        const total = 11_300_000;
        for (let loaded = 0; loaded <= total; loaded += total / 8) {
          onProgress({ stage: 'fetch', label: 'guest/state-256-0123456789abcdef.bin', loaded, total });
          await pause(20);
        }
        onProgress({ stage: 'start', label: '', loaded: 0, total: 0 });
        append('start');
      },
      reset() {
        files.clear();
        endTerminals();
        append('reset');
        return Promise.resolve(log.length);
      },
    },
    outside: { use: () => Promise.resolve() },
    terminals: {
      open() {
        const { port1, port2 } = new MessageChannel();
        const terminal = duplexOverPort(port1);
        const id = next();
        terminals.set(id, terminal);
        void serveTerminal(terminal, files).finally(() => terminals.delete(id));
        return Promise.resolve({ id, port: port2 });
      },
      resize: () => Promise.resolve(),
      close(id) {
        const terminal = terminals.get(id);
        terminals.delete(id);
        if (terminal !== undefined) endTerminal(terminal);
        return Promise.resolve();
      },
    },
    lines: {
      async run(line, { id }) {
        if (running.has(id)) throw new AppError('conflict', `exec ${id} is running`);
        const abort = new AbortController();
        running.set(id, abort);
        try {
          return await runLine(line, files, abort.signal);
        } finally {
          running.delete(id);
        }
      },
      abort(id) {
        running.get(id)?.abort();
        return Promise.resolve();
      },
    },
    files: {
      inspect: (queries) => Promise.resolve(queries.map((query) => readFile(files, query))),
      write(written) {
        for (const { path, bytes } of written) files.set(path, bytes);
        return Promise.resolve();
      },
    },
    ports: {
      request: (port) => Promise.reject(new AppError('unavailable', `localhost:${port}: connection refused`)),
      abort: () => Promise.resolve(),
    },
    log: {
      watch(after, listener) {
        const watch = next();
        listeners.set(watch, (from) => {
          void listener({ ...nothing, after: from, sequence: log.length, entries: log.slice(from) });
        });
        listeners.get(watch)?.(after);
        return Promise.resolve(watch);
      },
      sync: () => Promise.resolve(),
      unwatch(watch) {
        listeners.delete(watch);
        return Promise.resolve();
      },
      watchExecs: () => Promise.resolve(),
    },
  };
}

/** An engine without containers. */
const none = { whole: true, changed: [], gone: [] };
const nothing = { epoch: 0, containers: none, networks: none, images: [], volumes: [] };

function endTerminal(terminal: Duplex): void {
  terminal.source.cancel();
  void terminal.sink.close();
}

function readFile(files: ReadonlyMap<string, Uint8Array>, { op, path }: GuestQuery): GuestAnswer {
  const bytes = files.get(path);
  if (op === 'read' && bytes !== undefined) return { ok: true, op, text: fromUtf8(bytes), truncated: false };
  return { ok: false, op, kind: 'not_found', message: `${path}: no such file` };
}

const prompt = utf8('\x1b]133;A;aid=drydock\x07\x1b[1;32mroot@drydock\x1b[0m:\x1b[1;34m~\x1b[0m# \x1b]133;B;aid=drydock\x07');

/** A line discipline and a shell in one: echo, erase, Ctrl-U, Ctrl-C, Ctrl-D. */
async function serveTerminal(terminal: Duplex, files: Map<string, Uint8Array>): Promise<void> {
  let line = '';
  const print = (text: string): Promise<void> => terminal.sink.write(utf8(text.replaceAll('\n', '\r\n')));
  try {
    await terminal.sink.write(prompt);
    for await (const chunk of iterate(terminal.source)) {
      for (const key of fromUtf8(chunk)) {
        if (key === '\x04' && line === '') return;
        if (key === '\r') {
          await print('\n');
          if (line.trim() === 'exit') return;
          const { stdout, stderr } = await runLine(line, files, new AbortController().signal);
          await print(stdout + stderr);
        }
        if (key === '\x03') await print('^C\n');
        if (key === '\r' || key === '\x03') {
          line = '';
          await terminal.sink.write(prompt);
        } else if (key === '\x7f') {
          if (line !== '') await print('\b \b');
          line = line.slice(0, -1);
        } else if (key === '\x15') {
          await print('\b \b'.repeat(line.length));
          line = '';
        } else if (key >= ' ') {
          line += key;
          await print(key);
        }
      }
    }
  } catch {
    // The page closed the terminal.
  } finally {
    await terminal.sink.close();
  }
}

async function runLine(line: string, files: ReadonlyMap<string, Uint8Array>, signal: AbortSignal): Promise<ExecResult> {
  const [program = '', ...words] = line.trim().split(/\s+/);
  switch (program) {
    case '':
      return { exitCode: 0, stdout: '', stderr: '' };
    case 'echo':
      return { exitCode: 0, stdout: `${words.join(' ')}\n`, stderr: '' };
    case 'seq':
      return { exitCode: 0, stdout: Array.from({ length: Number(words[0] ?? 0) }, (_, index) => `${index + 1}\n`).join(''), stderr: '' };
    case 'cat': {
      const bytes = files.get(words[0] ?? '');
      return bytes === undefined
        ? { exitCode: 1, stdout: '', stderr: `cat: can't open '${words[0] ?? ''}': No such file or directory\n` }
        : { exitCode: 0, stdout: fromUtf8(bytes), stderr: '' };
    }
    case 'sleep':
      await pause(Number(words[0] ?? 0) * 1000, signal);
      return { exitCode: 0, stdout: '', stderr: '' };
    default:
      return { exitCode: 127, stdout: '', stderr: `sh: ${program}: not found\n` };
  }
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(cancelled('exec'));
    });
  });
}
