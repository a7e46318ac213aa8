import { fromUtf8 } from '../../base/bytes.ts';
import type { TestProcess } from './process.ts';

/** What a program does with its process; returning is exit 0, a number is the status. */
export type Program = (process: TestProcess, args?: readonly string[]) => Promise<number | void> | number | void;

/** What every container of the test machine can run. A test adds its own to `TestMachine.programs`. */
export const standardPrograms: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  sleep: forever,
  cat: copyInput,
  echo: (process, args = argumentsOf(process)) => process.print(`${args.join(' ')}\n`).then(() => 0),
  exit: (process, args = argumentsOf(process)) => Number(args[0] ?? 0),
  env: (process) => process.print((process.spec.env ?? []).map((line) => `${line}\n`).join('')).then(() => 0),
  hog: useMemory,
  sh: shell,
};

const argumentsOf = ({ spec }: TestProcess): readonly string[] => (spec.args ?? []).slice(1);

export function forever(): Promise<never> {
  return new Promise(() => undefined);
}

async function copyInput(process: TestProcess): Promise<number> {
  for (let chunk = await process.input.read(); chunk !== null; chunk = await process.input.read()) await process.print(chunk);
  return 0;
}

/** `hog BYTES`: takes so much memory and keeps it; beyond memory.max the OOM killer ends it. */
function useMemory(process: TestProcess, args: readonly string[] = argumentsOf(process)): Promise<never> {
  const limit = process.cgroup.get('memory.max') ?? 'max';
  if (limit !== 'max' && Number(args[0] ?? 0) > Number(limit)) process.outOfMemory();
  return forever();
}

/**
 * A shell of one builtin grammar: `program words [>&2 | > file]`, lines or `-c 'a; b'`. Reads its standard input unless `-c` is given; shows
 * a prompt on a terminal.
 */
async function shell(process: TestProcess, args: readonly string[] = argumentsOf(process)): Promise<number> {
  if (args[0] === '-c') return runLines(process, (args[1] ?? '').split(/[;\n]/));
  let unread = '';
  let status = 0;
  if (process.isTty) await process.print('/ # ');
  for (let chunk = await process.input.read(); chunk !== null; chunk = await process.input.read()) {
    const lines = (unread + fromUtf8(chunk)).split(/[\r\n]/);
    unread = lines.pop() ?? '';
    for (const line of lines) {
      if (process.isTty) await process.print(`${line}\n`);
      status = await runLines(process, [line]);
      if (process.isTty && process.running) await process.print('/ # ');
    }
  }
  return status;
}

async function runLines(process: TestProcess, lines: readonly string[]): Promise<number> {
  let status = 0;
  for (const line of lines) if (process.running) status = await runLine(process, line.trim());
  return status;
}

async function runLine(process: TestProcess, line: string): Promise<number> {
  const [, command = '', file] = /^(.*?)(?:\s*>\s*(\S+))?$/.exec(line) ?? [];
  const [name = '', ...args] = command.split(/\s+/);
  if (name === '') return 0;
  if (name === 'exit') process.exit(Number(args[0] ?? 0));
  if (name === 'echo' && file === '&2') await process.complain(`${args.join(' ')}\n`);
  else if (name === 'echo' && file !== undefined) process.files.set(file, `${args.join(' ')}\n`);
  else return runProgram(process, name, args);
  return 0;
}

async function runProgram(process: TestProcess, name: string, args: readonly string[]): Promise<number> {
  const program = Object.hasOwn(standardPrograms, name) ? standardPrograms[name] : undefined;
  if (program !== undefined) return (await program(process, args)) ?? 0;
  await process.complain(`sh: ${name}: not found\n`);
  return 127;
}
