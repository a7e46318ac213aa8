/** What a registry refuses, in the words of moby's client (distribution/registry/client/errors.go, api/errcode). */
import { z } from 'zod';
import { fromUtf8 } from '../../../base/bytes.ts';
import { clip } from '../../../base/clip.ts';
import { AppError, toAppError, type ErrorKind } from '../../../base/errors.ts';
import { readAll, sourceOf } from '../../../base/streams.ts';
import type { HttpResponse } from '../../../protocol/http.ts';
import { decodeJson } from '../../../protocol/json-body.ts';

/** Bytes of an answer that says what is wrong. */
const largestRefusal = 64 * 1024;
const longestText = 2000;

const bodySchema = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string().default('') })).min(1) });

const byStatus: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ['UNAUTHORIZED', 'authentication required'],
  403: ['DENIED', 'requested access to the resource is denied'],
};

const kinds: Readonly<Record<string, ErrorKind>> = {
  UNAUTHORIZED: 'unauthorized',
  DENIED: 'forbidden',
  MANIFEST_UNKNOWN: 'not_found',
  NAME_UNKNOWN: 'not_found',
  BLOB_UNKNOWN: 'not_found',
};

/**
 * An answer of 300 and more as an error: "denied: requested access to the resource is denied". Its `detail.code` is the registry's, `detail.status` the answer's.
 */
export async function refusalOf(response: HttpResponse): Promise<AppError> {
  const { status } = response;
  const [code, message] = (await codeOf(response)) ?? byStatus[status] ?? ['', ''];
  const detail = { status, code };
  if (code === '') return new AppError('internal', `received unexpected HTTP status: ${status}`, { detail });
  const words = code.toLowerCase().replaceAll('_', ' ');
  return new AppError(Object.hasOwn(kinds, code) ? (kinds[code] ?? 'internal') : 'internal', `${words}: ${message}`, { detail });
}

async function codeOf({ body }: HttpResponse): Promise<readonly [code: string, message: string] | null> {
  if (body === null) return null;
  try {
    const bytes = await readAll(body instanceof Uint8Array ? sourceOf(body) : body, largestRefusal);
    const parsed = bodySchema.safeParse(decodeJson(fromUtf8(bytes)));
    const [first] = parsed.success ? parsed.data.errors : [];
    return first === undefined ? null : [clip(first.code, longestText), clip(first.message, longestText)];
  } catch (thrown) {
    // What breaks off, or is no JSON, says nothing.
    toAppError(thrown);
    return null;
  }
}

/** A connection that could not be made or broke; asking again may help. `what` is "Get "http://localhost:5000/v2/"". */
export function connectionError(what: string, thrown: unknown): AppError {
  const { message } = toAppError(thrown);
  return new AppError('internal', `${what}: ${message}`, { cause: thrown, detail: { isConnection: true, why: message } });
}

/** Whether asking again may help: the connection broke, or the registry has trouble of its own. */
export function isPassing(thrown: unknown): boolean {
  const { isConnection, status } = toAppError(thrown).detail;
  return isConnection === true || (typeof status === 'number' && status >= 500);
}

/** In what Go's url.Error begins with. */
export function requestText(method: string, url: string): string {
  return `${method.charAt(0)}${method.slice(1).toLowerCase()} "${url}"`;
}
