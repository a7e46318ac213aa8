import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { AppError } from '../../../base/errors.ts';
import { pipeTo, type Duplex } from '../../../base/streams.ts';
import type { Destination, NameStatus, OutsideWay } from '../../../engine/outside/way.ts';
import { socketDuplex } from '../socket-duplex.ts';
import { refusalOf, thisMachine, type AllowedHost } from './allowed.ts';

export interface DirectOptions {
  readonly allowed: readonly AllowedHost[];
  /** All addresses of a name; the system's resolver unless given. Rejects with the system's code. */
  readonly lookUp?: (name: string) => Promise<readonly string[]>;
  /** Milliseconds that one address may take to answer. */
  readonly patience?: number;
}

/** Of a name's, tried one after the other. */
const mostAddresses = 4;
/** What the system says of a name that nobody has. */
const unknownCodes: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA']);

/** Connections of this machine's own: what a container on it could reach, but not what is this machine's alone. */
export function directWay({ allowed, lookUp = addressesOf, patience = 10_000 }: DirectOptions): OutsideWay {
  const isAllowed = (host: string, port: number): boolean =>
    allowed.some((each) => each.host === host && (each.port === null || each.port === port));
  const isAllowedAtAll = (host: string): boolean => allowed.some((each) => each.host === host);
  const find = (name: string): Promise<readonly string[]> => (name === thisMachine ? Promise.resolve(['127.0.0.1']) : lookUp(name));

  return {
    async lookUp(name): Promise<NameStatus> {
      if (name === thisMachine) return isAllowedAtAll(name) ? 'found' : 'unknown';
      try {
        return (await find(name)).length > 0 ? 'found' : 'unknown';
      } catch (thrown) {
        return unknownCodes.has(codeOf(thrown)) ? 'unknown' : 'unreachable';
      }
    },
    serve: (destination, connection) => serve(destination, connection, { find, isAllowed, patience }),
  };
}

interface Rules {
  readonly find: (name: string) => Promise<readonly string[]>;
  readonly isAllowed: (host: string, port: number) => boolean;
  readonly patience: number;
}

/** What is checked is what is connected to: a name that says another address the next time gains nothing. */
async function serve(
  { name, address, port }: Destination,
  connection: Duplex,
  { find, isAllowed, patience }: Rules,
): Promise<{ by: 'direct' }> {
  const found = name === null ? [address] : await find(name);
  const isAllowedByName = name !== null && isAllowed(name, port);
  const refusal = (each: string): string | null => (isAllowedByName || isAllowed(each, port) ? null : refusalOf(each));
  const [refused] = found.map(refusal).filter((why) => why !== null);
  if (refused !== undefined) throw new AppError('forbidden', refused);
  const socket = await connectToAny(found.slice(0, mostAddresses), port, patience);
  await splice(socket, connection);
  return { by: 'direct' };
}

async function connectToAny(addresses: readonly string[], port: number, patience: number): Promise<Socket> {
  let last: unknown = new AppError('not_found', 'nobody has that name any more');
  for (const host of addresses) {
    try {
      return await connectTo(host, port, patience);
    } catch (thrown) {
      last = thrown;
    }
  }
  throw last;
}

function connectTo(host: string, port: number, patience: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    const fail = (why: string, kind: 'unavailable' = 'unavailable'): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new AppError(kind, why));
    };
    const timer = setTimeout(() => fail(`${host}:${port} does not answer`), patience);
    socket.once('error', (error) => fail(error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // Until somebody looks at it, an error is nobody's.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Each half ends on its own; what breaks one side breaks the other. Nothing is read that the other side has no room for. */
async function splice(socket: Socket, inside: Duplex): Promise<void> {
  const { source, sink } = socketDuplex(socket);
  // What is broken is no end.
  const breaking = { ...sink, abort: () => void socket.resetAndDestroy() };
  try {
    await Promise.all([pipeTo(source, inside.sink), pipeTo(inside.source, breaking)]);
    socket.destroySoon();
  } catch (thrown) {
    socket.resetAndDestroy();
    throw thrown;
  }
}

function addressesOf(name: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    systemLookup(name, { all: true }, (error, addresses: LookupAddress[]) => {
      if (error === null) resolve(addresses.map(({ address }) => address));
      else reject(error);
    });
  });
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
}
