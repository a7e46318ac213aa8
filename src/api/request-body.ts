import type { z } from 'zod';
import { concatBytes, fromUtf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { iterate } from '../base/streams.ts';
import { refusal } from './go-refusal.ts';
import { decodeJson } from './json-body.ts';
import { pendingRequests } from './pending.ts';
import type { HttpRequest } from '../protocol/http.ts';

const limit = 4 * 1024 * 1024;

/**
 * A JSON body, parsed and checked; no body reads as `{}`, unless it is `wanted`.
 * @param goName of the struct that moby reads it into, where its errors tell
 * @throws AppError invalid
 */
export async function readJson<T extends z.ZodType>(
  request: HttpRequest,
  schema: T,
  { goName = '', wanted = false }: { readonly goName?: string; readonly wanted?: boolean } = {},
): Promise<z.output<T>> {
  const text = fromUtf8(await readBody(request));
  checkContentType(request, text.length > 0);
  if (text.trim() === '' && wanted) throw new AppError('invalid', 'invalid JSON: got EOF while reading request body');
  return parseJson(schema, text.trim() === '' ? {} : decodeJson(text), goName);
}

async function readBody(request: HttpRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of iterate(request.body)) {
      pendingRequests.take(chunk.length);
      size += chunk.length;
      if (size > limit) throw new AppError('exhausted', `more than ${limit} bytes`);
      chunks.push(chunk);
    }
    return concatBytes(chunks);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'exhausted')
      throw new AppError('invalid', 'http: request body too large', { cause: thrown });
    throw thrown;
  } finally {
    pendingRequests.give(size);
  }
}

function checkContentType(request: HttpRequest, hasBody: boolean): void {
  const type = request.headers['content-type'] ?? '';
  if (type === '' && !hasBody) return;
  if (type === '') throw new AppError('invalid', 'malformed Content-Type header (): mime: no media type');
  if (type.split(';')[0]?.trim().toLowerCase() === 'application/json') return;
  throw new AppError('invalid', `unsupported Content-Type header (${type}): must be 'application/json'`);
}

/** @throws AppError invalid, in the words of Go's decoder */
export function parseJson<T extends z.ZodType>(schema: T, value: unknown, goName = ''): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid', `invalid JSON: ${issue === undefined ? 'not what was expected' : refusal(issue, value, goName)}`);
}
