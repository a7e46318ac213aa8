import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';

/** A tty inside needs one outside when input is to be sent. Throws StatusError. */
export function checkTty(context: CliContext, attachStdin: boolean, tty: boolean): void {
  if (tty && attachStdin && !context.session.stdin.isTty) throw new StatusError(1, 'the input device is not a TTY');
}
