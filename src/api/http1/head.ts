import { AppError } from '../../base/errors.ts';
import type { ConnectionReader } from './reader.ts';

/** A request that gets an answer without reaching the handler; the connection is closed behind it. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly http10: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
  /** The client asks to leave HTTP, and may close its half at once. */
  readonly upgrade: boolean;
  readonly body: { readonly kind: 'sized'; readonly bytes: number } | { readonly kind: 'chunked' };
}

const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/(\d)\.(\d)$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

const forbiddenInValue = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** RFC 9112. null: the client closed between two requests. @param limit bytes of the whole head */
export async function readHead(reader: ConnectionReader, limit: number): Promise<RequestHead | null> {
  const lines = await readHeadLines(reader, limit);
  const [first, ...rest] = lines;
  if (first === undefined) return null;
  const match = requestLine.exec(first);
  if (match === null) throw new BadRequest(400, 'malformed request line');
  const [, method = '', target = '', major, minor] = match;
  if (major !== '1') throw new BadRequest(505, 'unsupported protocol version');
  const headers = parseHeaders(rest);
  const http10 = minor === '0';
  if (!http10 && !headers.has('host')) throw new BadRequest(400, 'missing required Host header');
  const connection = tokens(headers.get('connection'));
  return {
    method,
    target: originForm(target),
    http10,
    headers: Object.fromEntries(headers),
    keepAlive: http10 ? connection.includes('keep-alive') : !connection.includes('close'),
    expectsContinue: !http10 && headers.get('expect')?.toLowerCase() === '100-continue',
    upgrade: headers.has('upgrade') && connection.includes('upgrade'),
    body: bodyOf(headers),
  };
}

async function readHeadLines(reader: ConnectionReader, limit: number): Promise<string[]> {
  const lines: string[] = [];
  let left = limit;
  for (;;) {
    const line = await readLimited(reader, left);
    if (line === null) {
      if (lines.length === 0) return [];
      throw new BadRequest(400, 'unexpected end of the request head');
    }
    left -= line.length + 2;
    if (line !== '') lines.push(line);
    // RFC 9112 2.2: empty lines before the request line are skipped.
    else if (lines.length > 0) return lines;
  }
}

async function readLimited(reader: ConnectionReader, left: number): Promise<string | null> {
  try {
    return await reader.readLine(Math.max(0, left));
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'exhausted') throw new BadRequest(431, 'request head too large');
    throw thrown;
  }
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = headerLine.exec(line);
    const [, rawName = '', value = ''] = match ?? [];
    if (match === null || forbiddenInValue.test(value)) throw new BadRequest(400, 'malformed header');
    const name = rawName.toLowerCase();
    const before = headers.get(name);
    if (name === 'host' && before !== undefined) throw new BadRequest(400, 'too many Host headers');
    if (name === 'content-length' && before === value) continue;
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function tokens(value: string | undefined): string[] {
  return (value ?? '')
    .toLowerCase()
    .split(',')
    .map((token) => token.trim());
}

/** Length and chunks at once is how requests are smuggled (RFC 9112 6.1): refused. */
function bodyOf(headers: ReadonlyMap<string, string>): RequestHead['body'] {
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') throw new BadRequest(501, 'unsupported transfer encoding');
    if (length !== undefined) throw new BadRequest(400, 'both Content-Length and Transfer-Encoding');
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'sized', bytes: 0 };
  const bytes = /^\d+$/.test(length) ? Number(length) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw new BadRequest(400, 'bad Content-Length');
  return { kind: 'sized', bytes };
}

/** RFC 9112 3.2.2: a server must take the absolute form as well. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*(.*)$/i.exec(target);
  if (match === null) {
    if (target === '*') return target;
    throw new BadRequest(400, 'malformed request target');
  }
  const rest = match[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}
