import { spawnSync } from 'node:child_process';

const MAX_OUTPUT = 512 * 1024 * 1024;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Buffer;
}

/** Runs a program to its end and returns its standard output; a missing program or a non-zero status is an error with its last words. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Buffer {
  const { cwd, input, env } = options;
  const result = spawnSync(command, args, {
    maxBuffer: MAX_OUTPUT,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? {} : { input }),
  });
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: status ${String(result.status)}\n${result.stderr.toString().slice(-2000)}`);
  return result.stdout;
}
