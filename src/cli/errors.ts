import { AppError } from '../base/errors.ts';

/** How a command ends when it does not end well: what stderr says (without newline) and the exit status. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number, message = '') {
    super(message);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** What the caller gave for stdout or stderr does not take what is written: `write /dev/stdout: no space left on device`. */
export class WriteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WriteError';
  }
}

/** A flag's value was refused; the parser adds which flag it was. */
export class FlagValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlagValueError';
  }
}

/** Whether a flag's value is what is wrong: said by a command's own rule or by Docker's grammar. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof FlagValueError || (thrown instanceof AppError && thrown.kind === 'invalid');
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
