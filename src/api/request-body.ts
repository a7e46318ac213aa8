import type { z } from 'zod';
import { concatBytes, fromUtf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { iterate } from '../base/streams.ts';
import { refusal } from './go-refusal.ts';
import { decodeJson } from '../protocol/json-body.ts';
import { parseMediaType } from './media-type.ts';
import { pendingRequests } from './pending.ts';
import type { HttpRequest } from '../protocol/http.ts';

/**
 * Docker has none at create. Here one thread serves everybody, and JSON is parsed in one step that nobody can interrupt: 4 MiB of the worst (numbers of
 * 20 digits) take half a second with the schema, 16 MiB two seconds. What Linux starts has 2 MiB of arguments and environment at most.
 */
const limit = 4 * 1024 * 1024;

interface ReadOptions {
  /** Of the struct that moby reads it into, where its errors tell. */
  readonly goName?: string;
  /** Looks at the value before it is parsed. */
  readonly check?: (value: unknown) => void;
  /** No body is an error; otherwise it reads as `{}`. */
  readonly required?: boolean;
}

/** A JSON body, parsed and checked. @throws AppError invalid */
export async function readJson<T extends z.ZodType>(
  request: HttpRequest,
  schema: T,
  { goName = '', check, required = false }: ReadOptions = {},
): Promise<z.output<T>> {
  const bytes = await readBody(request);
  checkContentType(request, bytes.length > 0);
  const text = withMark(bytes);
  if (text.trim() === '') {
    if (required) throw new AppError('invalid', 'invalid JSON: got EOF while reading request body');
    return parse(schema, {}, goName);
  }
  const value = decodeJson(text);
  check?.(value);
  return parse(schema, value, goName);
}

/** A byte order mark, which decoders drop, is no part of JSON to Go. */
function withMark(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return isMarked && !text.startsWith('\ufeff') ? `\ufeff${text}` : text;
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
  const media = parseMediaType(type);
  if ('error' in media) throw new AppError('invalid', `malformed Content-Type header (${type}): ${media.error}`);
  if (media.type === 'application/json') return;
  throw new AppError('invalid', `unsupported Content-Type header (${type}): must be 'application/json'`);
}

function parse<T extends z.ZodType>(schema: T, value: unknown, goName: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid', `invalid JSON: ${issue === undefined ? 'not what was expected' : refusal(issue, value, goName)}`);
}
