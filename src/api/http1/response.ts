import { concatBytes, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSink, ByteSource } from '../../base/streams.ts';
import type { HttpResponse } from '../../protocol/http.ts';

const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  // Docker's own word; clients compare only the number.
  101: 'UPGRADED',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** How the end of this response's body is told (RFC 9112 6.3). */
export function framingOf(response: HttpResponse, http10: boolean): Framing {
  if (response.hijack !== undefined || response.status < 200 || response.status === 204 || response.status === 304) return 'none';
  if (response.body === null || response.body instanceof Uint8Array || response.headers['content-length'] !== undefined) return 'length';
  return http10 ? 'close' : 'chunked';
}

export function responseHead(
  response: HttpResponse,
  options: { readonly framing: Framing; readonly close: boolean; readonly http10: boolean },
): string {
  const lines = [`HTTP/1.1 ${response.status} ${reasons[response.status] ?? 'Status'}`];
  for (const [name, value] of Object.entries(response.headers)) lines.push(`${canonical(name)}: ${oneLine(value)}`);
  if (response.hijack === undefined) lines.push(`Date: ${new Date().toUTCString()}`);
  if (options.framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  if (options.framing === 'length' && response.headers['content-length'] === undefined) {
    lines.push(`Content-Length: ${response.body instanceof Uint8Array ? response.body.length : 0}`);
  }
  if (response.hijack === undefined && options.close) lines.push('Connection: close');
  else if (response.hijack === undefined && options.http10) lines.push('Connection: keep-alive');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Names as Go writes them; responses inside have them in lower case, as requests do. */
function canonical(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}

/** Never lets a value end the header it stands in. */
function oneLine(value: string): string {
  return value.replace(/[\r\n\0]/g, ' ');
}

const crlf = utf8('\r\n');

/**
 * Sends a body as it comes. Rejects when either side fails, and for one that has not the length that was told; without its last chunk or its last byte the
 * client knows that it is not whole.
 */
export async function sendStream(
  body: ByteSource,
  sink: ByteSink,
  { framing, length }: { readonly framing: Framing; readonly length: number },
): Promise<void> {
  let left = framing === 'length' ? length : Number.POSITIVE_INFINITY;
  for (;;) {
    const chunk = await body.read();
    if (chunk === null) break;
    if (chunk.length === 0) continue;
    left -= chunk.length;
    if (left < 0) break;
    await sink.write(framing === 'chunked' ? concatBytes([utf8(`${chunk.length.toString(16)}\r\n`), chunk, crlf]) : chunk);
  }
  if (framing === 'length' && left !== 0) throw new AppError('internal', 'the body has not the length that was told');
  if (framing === 'chunked') await sink.write(utf8('0\r\n\r\n'));
}
