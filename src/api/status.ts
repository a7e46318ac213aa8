import type { AppError, ErrorKind } from '../base/errors.ts';

/** The only place where a class of outcome becomes a number (moby: api/server/httpstatus). */
const statusOf: Readonly<Record<ErrorKind, number>> = {
  not_modified: 304,
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  cancelled: 500,
  exhausted: 500,
  internal: 500,
  not_implemented: 501,
  unavailable: 503,
};

export function httpStatus(error: AppError): number {
  return statusOf[error.kind];
}
