/** What a build tells, as a StatusResponse: the messages of `moby.buildkit.trace`. */
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { BuildLog, BuildMessage, BuildStatus, BuildVertex, BuildWarning } from '../build-progress.ts';
import { decodeMessage, encodeMessage } from './codec.ts';
import type { Message, MessageInput } from './messages.ts';

export type TraceMessage = Extract<BuildMessage, BuildVertex | BuildStatus | BuildLog | BuildWarning>;

export function encodeTrace(message: TraceMessage): Uint8Array {
  return encodeMessage('StatusResponse', responseOf(message));
}

function responseOf(message: TraceMessage): MessageInput<'StatusResponse'> {
  switch (message.kind) {
    case 'vertex':
      return { vertexes: [message] };
    case 'status':
      return { statuses: [message] };
    case 'log':
      return { logs: [{ ...message, stream: message.stream === 'stdout' ? stdout : stderr, msg: message.data }] };
    case 'warning':
      return { warnings: [warningOf(message)] };
  }
}

const stdout = 1;
const stderr = 2;

function warningOf({ vertex, short, detail, url, filename, source, ranges }: BuildWarning): MessageInput<'VertexWarning'> {
  return {
    vertex,
    level: 1,
    short: utf8(short),
    detail: detail.map(utf8),
    url,
    info: { filename, data: source },
    ranges: ranges.map(({ start, end }) => ({ start: { line: start }, end: { line: end } })),
  };
}

/** @throws AppError invalid for what is no message of this kind */
export function decodeTrace(bytes: Uint8Array): readonly TraceMessage[] {
  const { vertexes, statuses, logs, warnings } = decodeMessage('StatusResponse', bytes);
  return [...vertexes.map(readVertex), ...statuses.map(readStatus), ...logs.map(readLog), ...warnings.map(readWarning)];
}

function readVertex({ progressGroup: _, ...vertex }: Message<'Vertex'>): BuildVertex {
  return { kind: 'vertex', ...vertex };
}

function readStatus({ id, vertex, current, total, timestamp, started, completed }: Message<'VertexStatus'>): BuildStatus {
  const time = timestamp ?? 0n;
  return { kind: 'status', vertex, id, current, total, timestamp: time, started: started ?? time, completed };
}

function readLog({ vertex, timestamp, stream, msg }: Message<'VertexLog'>): BuildLog {
  return { kind: 'log', vertex, timestamp: timestamp ?? 0n, stream: stream === stdout ? 'stdout' : 'stderr', data: msg };
}

function readWarning({ vertex, short, detail, url, info, ranges }: Message<'VertexWarning'>): BuildWarning {
  return {
    kind: 'warning',
    vertex,
    short: fromUtf8(short),
    detail: detail.map((each) => fromUtf8(each)),
    url,
    filename: info?.filename ?? '',
    source: info?.data ?? new Uint8Array(),
    ranges: ranges.map(({ start, end }) => ({ start: start?.line ?? 0, end: end?.line ?? 0 })),
  };
}
