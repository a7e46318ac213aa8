import { AppError } from '../../base/errors.ts';
import { createPace } from '../../base/pace.ts';
import { toRecord } from '../../base/record.ts';
import type { Steps } from '../../base/steps.ts';
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

/** RFC 9110 5.6.2: what a method and the name of a header are made of. */
const notToken = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const forbiddenInValue = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** RFC 9112. null: the client closed between two requests. @param limit bytes of the whole head */
export async function readHead(reader: ConnectionReader, limit: number, steps?: Steps): Promise<RequestHead | null> {
  const lines = await readHeadLines(reader, limit, steps);
  const [first, ...rest] = lines;
  if (first === undefined) return null;
  const { method, target, http10 } = parseRequestLine(first, steps);
  const headers = parseHeaders(rest, steps);
  if (!http10 && !headers.has('host')) throw new BadRequest(400, 'missing required Host header');
  const connection = tokens(headers.get('connection'));
  return {
    method,
    target: originForm(target),
    http10,
    headers: toRecord(headers),
    keepAlive: http10 ? connection.includes('keep-alive') : !connection.includes('close'),
    expectsContinue: !http10 && headers.get('expect')?.toLowerCase() === '100-continue',
    upgrade: headers.has('upgrade') && connection.includes('upgrade'),
    body: bodyOf(headers),
  };
}

/** Up to the empty line; none where the connection ended before the first. */
export async function readHeadLines(reader: ConnectionReader, limit: number, steps?: Steps): Promise<string[]> {
  const lines: string[] = [];
  const pace = createPace();
  let left = limit;
  for (;;) {
    const line = await readLimited(reader, left);
    if (line === null) {
      if (lines.length === 0) return [];
      throw new BadRequest(400, 'unexpected end of the request head');
    }
    left -= line.length + 2;
    steps?.take(line.length + 2);
    if (pace.isDue()) await pace.turn();
    if (line !== '') lines.push(line);
    // RFC 9112 2.2: empty lines before the request line are skipped.
    else if (lines.length > 0) return lines;
  }
}

async function readLimited(reader: ConnectionReader, left: number): Promise<string | null> {
  try {
    return await reader.readLine(Math.max(0, left));
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'unavailable') throw new BadRequest(503, thrown.message);
    if (thrown instanceof AppError && thrown.kind === 'exhausted') throw new BadRequest(431, 'request head too large');
    throw thrown;
  }
}

/** "GET /info HTTP/1.1" */
function parseRequestLine(
  line: string,
  steps: Steps | undefined,
): { readonly method: string; readonly target: string; readonly http10: boolean } {
  steps?.take(line.length);
  const afterMethod = line.indexOf(' ');
  const afterTarget = line.indexOf(' ', afterMethod + 1);
  const [method, target, protocol] = [line.slice(0, afterMethod), line.slice(afterMethod + 1, afterTarget), line.slice(afterTarget + 1)];
  if (afterMethod < 1 || afterTarget <= afterMethod + 1 || notToken.test(method) || /\s/.test(target) || !/^HTTP\/\d\.\d$/.test(protocol))
    throw new BadRequest(400, 'malformed request line');
  if (!protocol.startsWith('HTTP/1.')) throw new BadRequest(505, 'unsupported protocol version');
  return { method, target, http10: protocol === 'HTTP/1.0' };
}

/** Names in lower case; what is repeated is joined. @throws BadRequest */
export function parseHeaders(lines: readonly string[], steps?: Steps): Map<string, string> {
  const headers = new Map<string, string>();
  const repeated = new Map<string, string[]>();
  for (const line of lines) {
    steps?.take(line.length);
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = withoutBlanks(line, colon + 1);
    if (name === '' || notToken.test(name) || forbiddenInValue.test(value)) throw new BadRequest(400, 'malformed header');
    const before = headers.get(name);
    if (name === 'host' && before !== undefined) throw new BadRequest(400, 'too many Host headers');
    if (before === undefined) headers.set(name, value);
    else if (name !== 'content-length' || before !== value) addTo(repeated, name, value);
  }
  for (const [name, values] of repeated) headers.set(name, [headers.get(name), ...values].join(', '));
  return headers;
}

function addTo(lists: Map<string, string[]>, name: string, value: string): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** The rest of a line, blanks at both ends taken away; a pattern for them would try every way to share them out. */
function withoutBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line, start)) start += 1;
  while (end > start && isBlank(line, end - 1)) end -= 1;
  return line.slice(start, end);
}

function isBlank(line: string, at: number): boolean {
  const char = line.charCodeAt(at);
  return char === 0x20 || char === 0x09;
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
  if (target === '*') return target;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(target)?.[0];
  if (scheme === undefined) throw new BadRequest(400, 'malformed request target');
  const behind = target.slice(scheme.length);
  const end = behind.search(/[/?]/);
  const rest = end < 0 ? '' : behind.slice(end);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
