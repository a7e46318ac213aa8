import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { ByteSink, ByteSource } from '../../base/streams.ts';

/** A process of the fake engine. */
export interface FakeProcess {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly tty: boolean;
  readonly stdin: ByteSource;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** Resolves to the number of the first signal that ends a process. */
  readonly killed: Promise<number>;
  readonly size: () => { readonly rows: number; readonly columns: number };
}

/** A command that cannot be executed, as runc says it. */
export class ExecError extends Error {}

type Program = (process: FakeProcess) => Promise<number>;

/** As much of a busybox as the client's tests need; each ends with its exit status. */
const programs: Readonly<Record<string, Program>> = {
  true: () => Promise.resolve(0),
  false: () => Promise.resolve(1),
  async echo({ argv, stdout, tty }) {
    await stdout.write(utf8(`${argv.slice(1).join(' ')}${tty ? '\r\n' : '\n'}`));
    return 0;
  },
  async cat({ stdin, stdout }) {
    for (let chunk = await stdin.read(); chunk !== null; chunk = await stdin.read()) await stdout.write(chunk);
    return 0;
  },
  async env({ env, stdout }) {
    await stdout.write(utf8(env.map((entry) => `${entry}\n`).join('')));
    return 0;
  },
  /** Writes to both outputs in turn: `both out err out`. */
  async both({ argv, stdout, stderr }) {
    for (const word of argv.slice(1)) await (word.startsWith('err') ? stderr : stdout).write(utf8(`${word}\n`));
    return 0;
  },
  /** `exit 3` */
  exit: ({ argv }) => Promise.resolve(Number(argv[1] ?? 0)),
  /** Until a signal: 128 + its number. */
  sleep: async ({ killed }) => 128 + (await killed),
  /** Heeds SIGKILL only. */
  stubborn: async ({ killed }) => 128 + (await killed),
  /** The size of its terminal, for everything it reads, until `q`. */
  async size({ stdin, stdout, size }) {
    for (let chunk = await stdin.read(); chunk !== null && fromUtf8(chunk) !== 'q'; chunk = await stdin.read()) {
      await stdout.write(utf8(`${size().rows}x${size().columns}\r\n`));
    }
    return 0;
  },
};

export async function runProgram(process: FakeProcess): Promise<number> {
  const [name = ''] = process.argv;
  const program = programs[name];
  if (program === undefined) throw new ExecError(`exec: "${name}": executable file not found in $PATH`);
  return Promise.race([program(process), process.killed.then((signal) => 128 + signal)]);
}

/** Whether a signal ends a program; what has no handler for it as process 1 does not notice. */
export function heeds(name: string, signal: number): boolean {
  return name !== 'stubborn' || signal === 9;
}

export function isProgram(name: string): boolean {
  return name in programs;
}
