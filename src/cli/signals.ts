/** Linux signal numbers by name (signal(7), i386 and amd64 alike). */
const names = [
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
] as const;

export const sighup = 1;
const sigint = 2;
export const sigquit = 3;
export const sigpipe = 13;
const sigterm = 15;

/** What asks a program to end. */
export function isTermination(signal: number): boolean {
  return signal === sigint || signal === sigterm;
}

/** `INT` for 2; null for a number without a name. */
export function signalName(signal: number): string | null {
  return names[signal - 1] ?? null;
}

/** Not the container's business: the docker process's own children, pipes and runtime. */
export function isForwarded(signal: number): boolean {
  const name = signalName(signal);
  return name !== null && name !== 'CHLD' && name !== 'PIPE' && name !== 'URG';
}
