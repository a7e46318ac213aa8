import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { toAppError } from '../base/errors.ts';
import type { ByteSource } from '../base/streams.ts';
import type { PlaygroundPorts } from '../protocol/playground.ts';
import { duplexOverPort } from '../protocol/port-stream.ts';
import type { Clock } from './clock.ts';

/** One HTTP request to a port of the Docker host, as a check makes it. */
export interface ProbeRequest {
  readonly port: number;
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Sent as JSON; empty for none. */
  readonly body: string;
}

/** What came back; that nobody answers is an answer too. `text` is the beginning of the body. */
export type ProbeAnswer =
  { readonly ok: true; readonly status: number; readonly text: string } | { readonly ok: false; readonly message: string };

/** Milliseconds in which a server must have answered, and bytes of its answer that are looked at. */
const patience = 3000;
const most = 64 * 1024;
const tooLate = 'no answer in time';

let last = 0;

/** Never rejects for what the server does. @throws AppError `cancelled` when the guest is reset meanwhile */
export async function probePort(
  ports: PlaygroundPorts,
  clock: Pick<Clock, 'after'>,
  { port, method, path, body }: ProbeRequest,
): Promise<ProbeAnswer> {
  last += 1;
  const id = `probe-${last}`;
  let late = false;
  const timer = clock.after(patience, () => {
    late = true;
    void ports.abort(id).catch(() => undefined);
  });
  try {
    const headers: [string, string][] = [
      ['accept', '*/*'],
      ...(body === '' ? [] : [['content-type', 'application/json'] as [string, string]]),
    ];
    const { status, port: carrier } = await ports.request(port, { method, target: path, headers, body: utf8(body) }, { id });
    if (carrier === null) return { ok: true, status, text: '' };
    const { source, sink } = duplexOverPort(carrier);
    void sink.close();
    const text = await beginningOf(source);
    return late || text === null ? { ok: false, message: late ? tooLate : 'the answer broke off' } : { ok: true, status, text };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (late) return { ok: false, message: tooLate };
    if (error.kind === 'unavailable' || error.kind === 'invalid') return { ok: false, message: error.message };
    throw error;
  } finally {
    timer.dispose();
  }
}

/** Null when the connection is lost before the end. */
async function beginningOf(source: ByteSource): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  try {
    for (let length = 0; length < most;) {
      const chunk = await source.read();
      if (chunk === null) return fromUtf8(concatBytes(chunks));
      chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    return null;
  }
  source.cancel();
  return fromUtf8(concatBytes(chunks));
}
