/** The classes of outcome an operation can fail with. Mapped once to HTTP status (api), exit code (cli) and comlink (worker). */
export const errorKinds = [
  'not_found',
  'invalid',
  'conflict',
  'not_modified',
  'forbidden',
  'unauthorized',
  'exhausted',
  'unavailable',
  'not_implemented',
  'cancelled',
  'internal',
] as const;

export type ErrorKind = (typeof errorKinds)[number];

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts for programs, e.g. `{ from: 'running', to: 'created' }` of an illegal transition. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** The only error class that crosses a layer. `message` is Docker's own words where Docker has words for it. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly detail: Readonly<Record<string, string | number | boolean>>;

  constructor(kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'AppError';
    this.kind = kind;
    this.detail = options.detail ?? {};
  }
}

/** Whatever was thrown, as an AppError; an unknown throw becomes `internal` and keeps the original as `cause`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('internal', message, { cause: thrown });
}

export function cancelled(what: string): AppError {
  return new AppError('cancelled', `${what} was cancelled`);
}
