/**
 * What a build says of itself (BuildKit: moby.buildkit.v1.StatusResponse and what is in it), field by field with BuildKit's numbers. A client gets it as
 * `aux`, in base64, of the lines of `POST /build?version=2` whose id is `moby.buildkit.trace`.
 */
export type MessageField =
  | { readonly number: number; readonly type: 'string' | 'strings' | 'bytes' | 'chunks' | 'bool' | 'int' | 'time' }
  | { readonly number: number; readonly type: 'message' | 'messages'; readonly of: string };
export type MessageTable = Readonly<Record<string, MessageField>>;

/** The id of a line that carries a StatusResponse. */
export const traceId = 'moby.buildkit.trace';
/** The id of the line that carries `{ ID }` of the image. */
export const imageLineId = 'moby.image.id';

const string = <T extends number>(number: T) => ({ number, type: 'string' }) as const;
const strings = <T extends number>(number: T) => ({ number, type: 'strings' }) as const;
const bytes = <T extends number>(number: T) => ({ number, type: 'bytes' }) as const;
const chunks = <T extends number>(number: T) => ({ number, type: 'chunks' }) as const;
const bool = <T extends number>(number: T) => ({ number, type: 'bool' }) as const;
const int = <T extends number>(number: T) => ({ number, type: 'int' }) as const;
const time = <T extends number>(number: T) => ({ number, type: 'time' }) as const;
const message = <T extends number, N extends string>(number: T, of: N) => ({ number, type: 'message', of }) as const;
const messages = <T extends number, N extends string>(number: T, of: N) => ({ number, type: 'messages', of }) as const;

export const messageTables = {
  StatusResponse: {
    vertexes: messages(1, 'Vertex'),
    statuses: messages(2, 'VertexStatus'),
    logs: messages(3, 'VertexLog'),
    warnings: messages(4, 'VertexWarning'),
  },
  /** A step; sent anew, whole, whenever something of it changes. `inputs` are the digests of the steps it waits for. */
  Vertex: {
    digest: string(1),
    inputs: strings(2),
    name: string(3),
    cached: bool(4),
    started: time(5),
    completed: time(6),
    error: string(7),
    progressGroup: message(8, 'ProgressGroup'),
  },
  /** How far one thing of a step is: `current` of `total`, bytes mostly; `total` 0 if nobody knows. */
  VertexStatus: {
    id: string(1),
    vertex: string(2),
    name: string(3),
    current: int(4),
    total: int(5),
    timestamp: time(6),
    started: time(7),
    completed: time(8),
  },
  /** `stream` 1 is stdout, 2 stderr. */
  VertexLog: { vertex: string(1), timestamp: time(2), stream: int(3), msg: bytes(4) },
  VertexWarning: {
    vertex: string(1),
    level: int(2),
    short: bytes(3),
    detail: chunks(4),
    url: string(5),
    info: message(6, 'SourceInfo'),
    ranges: messages(7, 'Range'),
  },
  /** A file that was read, the Dockerfile. How it was fetched (pb.Definition) is left as it came: no client reads it. */
  SourceInfo: { filename: string(1), data: bytes(2), definition: bytes(3), language: string(4) },
  Range: { start: message(1, 'Position'), end: message(2, 'Position') },
  /** Lines count from 1, characters from 0. */
  Position: { line: int(1), character: int(2) },
  ProgressGroup: { id: string(1), name: string(2), weak: bool(3) },
} as const satisfies Readonly<Record<string, MessageTable>>;

type Tables = typeof messageTables;
export type MessageName = keyof Tables;

type FieldValue<F> = F extends { type: 'string' }
  ? string
  : F extends { type: 'strings' }
    ? readonly string[]
    : F extends { type: 'bytes' }
      ? Uint8Array
      : F extends { type: 'chunks' }
        ? readonly Uint8Array[]
        : F extends { type: 'bool' }
          ? boolean
          : F extends { type: 'int' }
            ? number
            : F extends { type: 'time' }
              ? bigint | null
              : F extends { type: 'message'; of: infer N extends MessageName }
                ? Message<N> | null
                : F extends { type: 'messages'; of: infer N extends MessageName }
                  ? readonly Message<N>[]
                  : never;

/** A decoded message: every field present. Times are nanoseconds since the epoch; a time or a message that was not sent is null. */
export type Message<N extends MessageName> = { readonly [K in keyof Tables[N]]: FieldValue<Tables[N][K]> };
/** What an encoder takes: absent fields are not sent, as those that are empty, zero or null. */
export type MessageInput<N extends MessageName> = {
  readonly [K in keyof Tables[N]]?: Tables[N][K] extends { type: 'messages'; of: infer M extends MessageName }
    ? readonly MessageInput<M>[]
    : Tables[N][K] extends { type: 'message'; of: infer M extends MessageName }
      ? MessageInput<M> | null
      : FieldValue<Tables[N][K]>;
};
