/** How a command ends when it does not end well: what stderr says (without newline) and the exit status. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number, message = '') {
    super(message);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** A flag's value was refused; the parser adds which flag it was. */
export class FlagValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FlagValueError';
  }
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
