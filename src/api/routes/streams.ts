import { concatBytes, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { attachReply, webSocketReply } from '../attach-connection.ts';
import type { AttachSession, LogOptions, LogRecord, OutputChunk, StreamsBackend } from '../backend.ts';
import { encoded, encoder, jsonLines, multiplexedStream, rawStream } from '../byte-stream.ts';
import { isAtLeast, param, type Call } from '../call.ts';
import { parseDetachKeys } from '../../grammar/detach-keys.ts';
import type { Query } from '../query.ts';
import { liveStream, stream } from '../respond.ts';
import { hijackingRoute, route, type Route } from '../route.ts';
import { webSocketHeaders } from '../websocket.ts';
import { rfc3339NanoFixed } from '../../grammar/time.ts';

export function streamRoutes(streams: StreamsBackend): readonly Route[] {
  const attach = (call: Call): Promise<AttachSession> =>
    streams.attach(param(call, 'id'), {
      stdin: call.query.flag('stdin'),
      stdout: call.query.flag('stdout'),
      stderr: call.query.flag('stderr'),
      logs: call.query.flag('logs'),
      stream: call.query.flag('stream'),
    });
  return [
    /** @docker rest "POST /containers/{id}/attach" full */
    hijackingRoute('POST', '/containers/{id}/attach', async (call) => {
      const keys = parseDetachKeys(call.query.text('detachKeys'));
      const session = await attach(call);
      return attachReply(call, session, { detachKeys: keys, tty: session.tty });
    }),

    /** @docker rest "GET /containers/{id}/attach/ws" full */
    route('GET', '/containers/{id}/attach/ws', async (call) => {
      const keys = parseDetachKeys(call.query.text('detachKeys'));
      // Before anything is attached that nobody would read.
      webSocketHeaders(call.request.headers);
      return webSocketReply(call, await attach(call), keys);
    }),

    /** @docker rest "GET /containers/{id}/logs" full */
    route('GET', '/containers/{id}/logs', async (call) => {
      const { tty, details, records } = await streams.logs(param(call, 'id'), logOptions(call.query));
      const encode = encoder(tty);
      const line = lineOf(call.query, details);
      const body = encoded(records, (batch) => concatBytes(batch.map((record) => encode(line(record)))));
      return (call.query.flag('follow') ? liveStream : stream)(body, !tty && isAtLeast(call, '1.42') ? multiplexedStream : rawStream);
    }),

    /** @docker rest "GET /containers/{id}/stats" full */
    route('GET', '/containers/{id}/stats', async (call) => {
      const live = call.query.flag('stream', true);
      const oneShot = isAtLeast(call, '1.41') && call.query.flag('one-shot');
      if (live && oneShot) throw new AppError('invalid', 'cannot have stream=true and one-shot=true');
      return (live ? liveStream : stream)(jsonLines(await streams.stats(param(call, 'id'), { stream: live, oneShot })));
    }),
  ];
}

/** A record with what was asked for before it: its time, and what the log driver was told to keep beside it. */
function lineOf(query: Query, kept: string): (record: LogRecord) => OutputChunk {
  const stamps = query.flag('timestamps');
  const details = query.flag('details') ? `${kept} ` : '';
  if (!stamps && details === '') return (record) => record;
  return ({ stream, time, data }) => {
    const prefix = stamps ? `${rfc3339NanoFixed(time)} ${details}` : details;
    return { stream, data: concatBytes([utf8(prefix), data]) };
  };
}

function logOptions(query: Query): LogOptions {
  const stdout = query.flag('stdout');
  const stderr = query.flag('stderr');
  if (!stdout && !stderr) throw new AppError('invalid', 'Bad parameters: you must choose at least one stream');
  const since = query.time('since');
  const until = query.time('until');
  const tail = /^\d+$/.test(query.text('tail')) ? Number(query.text('tail')) : undefined;
  return {
    stdout,
    stderr,
    follow: query.flag('follow'),
    // Zero is Docker's "not given" for both.
    ...(since === undefined || since === 0n ? {} : { since }),
    ...(until === undefined || until === 0n ? {} : { until }),
    ...(tail === undefined ? {} : { tail }),
  };
}
