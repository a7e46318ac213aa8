import type { GuestProcess } from './process.ts';
import type { GuestProcesses } from './processes.ts';

/** Of the guest itself, and of what acts for its root. */
export const allCapabilities = (1n << 41n) - 1n;
const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/sh',
  'LANG=C.UTF-8',
];
const asRoot = { cwd: '/root', user: '', capabilities: allCapabilities, privileged: 1 } as const;

/** A login shell of the guest on a new pty. */
export function openShell(processes: GuestProcesses, size: { readonly rows: number; readonly columns: number }): Promise<GuestProcess> {
  return processes.exec('', {
    ...asRoot,
    args: ['/bin/sh', '-l'],
    env: [...environment, 'TERM=xterm-256color', 'COLORTERM=truecolor'],
    tty: 1,
    openStdin: 1,
    ...size,
  });
}

/** A line run by the guest's shell, without a terminal, with stdin at its end. */
export function runLine(processes: GuestProcesses, line: string): Promise<GuestProcess> {
  return processes.exec('', { ...asRoot, args: ['/bin/sh', '-c', line], env: environment });
}

/** A program of the guest, without a terminal, with stdin at its end. */
export function runProgram(processes: GuestProcesses, args: readonly string[]): Promise<GuestProcess> {
  return processes.exec('', { ...asRoot, args, env: environment });
}
