import { concatBytes } from '../base/bytes.ts';
import { AppError, type ErrorKind } from '../base/errors.ts';
import type { CliSession } from '../cli/session.ts';
import { errnoText } from '../grammar/errno-text.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind } from '../protocol/agent.ts';

const readOperation = 1;
/** Of --env-file and its like, in bytes. */
const fileLimit = 16 * 1024 * 1024;
const pieceBytes = 32 * 1024;
const newline = 0x0a;

/** Of what an open or a read fails with; the rest is `internal`. */
const kinds: ReadonlyMap<number, ErrorKind> = new Map([
  [1, 'forbidden'],
  [2, 'not_found'],
  [12, 'exhausted'],
  [13, 'forbidden'],
  [24, 'exhausted'],
  [27, 'exhausted'],
  [28, 'exhausted'],
  ...[6, 16, 19, 20, 21, 22, 26, 30, 36, 40].map((errno): [number, ErrorKind] => [errno, 'invalid']),
]);

/** @param doing "open /x" */
export function fileFailure(doing: string, errno: number): AppError {
  return new AppError(kinds.get(errno) ?? 'internal', `${doing}: ${errnoText(errno)}`, { detail: { errno } });
}

const isDirectory = 21;

/** Who called, of cliSpec. */
export interface Caller {
  /** '' where the folder was removed: nothing is found from there. */
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
}

/** The guest's files, as the process that was called `docker` finds them. */
export function callerFiles(channel: Pick<GuestChannel, 'open'>, caller: Caller): Pick<CliSession, 'readFile' | 'writeFile'> {
  return {
    readFile: async (path, longestLine) => read(channel, { path: absolute(caller, path), shown: path }, longestLine),
    async writeFile(path, contents) {
      const { uid, gid } = caller;
      const record = encodeRecord('writeSpec', { files: [{ path: absolute(caller, path), mode: 0o644, contents, uid, gid }] });
      await channel.open(hostKind.write, record).reply.catch((error: unknown) => {
        const number = error instanceof AppError ? error.detail['errno'] : undefined;
        throw typeof number === 'number' ? failure(path, number) : error;
      });
    },
  };
}

/** @throws AppError not_found where the caller's folder is gone */
export function absolute({ cwd }: Caller, path: string): string {
  if (path.startsWith('/')) return path;
  if (cwd === '') throw failure(path, 2);
  return `${cwd === '/' ? '' : cwd}/${path}`;
}

/** In pieces that fit a frame. */
async function read(
  channel: Pick<GuestChannel, 'open'>,
  { path, shown }: { readonly path: string; readonly shown: string },
  longestLine = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let line = 0;
  for (let offset = 0; offset <= fileLimit; offset += pieceBytes) {
    const record = encodeRecord('inspectSpec', { items: [{ op: readOperation, path, max: pieceBytes, offset: BigInt(offset) }] });
    const { results } = decodeRecord('inspectReply', await channel.open(hostKind.inspect, record).reply);
    const result = results[0];
    if (result === undefined) throw new AppError('internal', `no answer for ${path}`);
    if (result.error !== 0) throw failure(shown, result.error);
    pieces.push(result.data);
    const end = result.data.lastIndexOf(newline);
    line = end < 0 ? line + result.data.length : result.data.length - end - 1;
    if (result.data.length < pieceBytes || line > longestLine) return concatBytes(pieces);
  }
  throw new AppError('exhausted', `read ${shown}: more than ${fileLimit} bytes`);
}

function failure(path: string, errno: number): AppError {
  return fileFailure(`${errno === isDirectory ? 'read' : 'open'} ${path}`, errno);
}
