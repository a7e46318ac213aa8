/** Errors of the distribution API (opencontainers/distribution-spec, "Error Codes"; those beside it are distribution/distribution's). */
import { utf8 } from '../../../base/bytes.ts';
import { toAppError } from '../../../base/errors.ts';
import type { HttpResponse } from '../../../protocol/http.ts';

const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  PAGINATION_NUMBER_INVALID: 400,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
} as const;

export type ErrorCode = keyof typeof statuses;

export interface RegistryErrorOptions {
  /** In place of the code's own. */
  readonly status?: number;
  /** Docker takes an error of the code's usual message without one for a bare code: it leaves the message out, and tries again. */
  readonly detail?: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error; it does not leave this folder but as a response. */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly options: RegistryErrorOptions;

  constructor(code: ErrorCode, message: string, options: RegistryErrorOptions = {}) {
    super(message);
    this.code = code;
    this.options = options;
  }
}

export function errorResponse(thrown: unknown): HttpResponse {
  const { code, message, options } = thrown instanceof RegistryError ? thrown : fromOutside(thrown);
  const { status = statuses[code], detail, headers = {} } = options;
  const error = { code, message, ...(detail === undefined ? {} : { detail }) };
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: utf8(`${JSON.stringify({ errors: [error] })}\n`) };
}

/** What the store of contents or the client's connection says. */
function fromOutside(thrown: unknown): RegistryError {
  const { kind, message } = toAppError(thrown);
  if (kind === 'exhausted') return new RegistryError('SIZE_INVALID', message, { status: 413 });
  if (kind === 'cancelled') return new RegistryError('BLOB_UPLOAD_INVALID', message);
  return new RegistryError('UNKNOWN', message);
}

export function nameUnknown(name: string): RegistryError {
  return new RegistryError('NAME_UNKNOWN', 'repository name not known to registry', { detail: { name } });
}

export function blobUnknown(digest: string): RegistryError {
  return new RegistryError('BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digest } });
}
