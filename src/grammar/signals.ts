/** Linux signals by name and number (signal(7), i386 and amd64 alike). */
import { AppError } from '../base/errors.ts';
import { ownValue } from '../base/record.ts';

const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34,
  RTMAX: 64,
};
const realTime = { first: 34, last: 64 } as const;

/** The first name of each number; aliases (IOT, CLD, POLL) come after theirs. */
const names: ReadonlyMap<number, string> = new Map(
  Object.entries(numbers)
    .filter(([name]) => !name.startsWith('RT'))
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** Every name, without SIG, those between RTMIN and RTMAX included (moby/sys, signal_linux.go). */
export const signalNames: readonly string[] = [
  ...Object.keys(numbers),
  ...Array.from({ length: 15 }, (_, index) => `RTMIN+${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `RTMAX-${index + 1}`),
];

export const SIGHUP = 1;
const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGKILL = 9;
export const SIGPIPE = 13;
const SIGTERM = 15;

/** `INT` for 2; null for a number without a name. */
export function signalName(signal: number): string | null {
  return names.get(signal) ?? null;
}

/** What asks a program to end. */
export function isTermination(signal: number): boolean {
  return signal === SIGINT || signal === SIGTERM;
}

/** What the client hands on to a container: not its own children's ends, pipes and the Go runtime's. */
export function isForwarded(signal: number): boolean {
  const name = signalName(signal);
  return name !== null && name !== 'CHLD' && name !== 'PIPE' && name !== 'URG';
}

/** Whether there is such a signal (signal.ValidSignalForPlatform). */
export function isSignal(number: number): boolean {
  return number > 0 && number <= realTime.last;
}

/**
 * A name with or without SIG, in any case, RTMIN+n, RTMAX-n, or a number, which may be none that Linux has (moby/sys, signal.ParseSignal).
 * @throws AppError invalid "invalid signal: x"
 */
export function parseSignal(text: string): number {
  const invalid = new AppError('invalid', `invalid signal: ${text}`);
  if (/^[+-]?\d{1,18}$/.test(text)) {
    const number = Number(text);
    if (number === 0) throw invalid;
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const offset = /^RT(MIN\+|MAX-)(\d+)$/.exec(name);
  const number =
    offset === null
      ? ownValue(numbers, name)
      : offset[1] === 'MIN+'
        ? realTime.first + Number(offset[2])
        : realTime.last - Number(offset[2]);
  if (number === undefined || number > realTime.last || (offset !== null && number < realTime.first)) throw invalid;
  return number;
}
