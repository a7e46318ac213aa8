import { z } from 'zod';
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { protocolVersion } from '../protocol/agent.ts';
import type { ChannelState } from './channel/channel.ts';
import type { ServerState } from './ninep/server.ts';

/** Version of this format; a change of any saved shape raises it. */
export const formatVersion = 3;
/** Of the package v86: its states belong to one version (a test holds it to package.json). */
export const emulatorVersion = '0.5.462';
const magic = 'DRYDOCK\n';
/** magic[8] version[4] length of the description[4] */
const headerBytes = 16;

/** Everything of a machine that is saved. */
export interface MachineState {
  /** Of what it booted, kernel, agent, root file system and disk, before the first state; the same in all states that follow (boot-inputs.ts `guestBuild`). */
  readonly build: string;
  readonly memoryMegabytes: number;
  readonly server: ServerState;
  readonly channel: ChannelState;
  /** v86's own format, as it is or zstd-compressed: v86 unpacks it itself. */
  readonly emulator: Uint8Array<ArrayBuffer>;
}

const bytes = z.instanceof(Uint8Array);
const number = z.number().int().nonnegative();
const note = z.object({ kind: number, record: bytes });
const lane = z.object({ lane: number, chunks: z.array(bytes), ended: z.boolean(), cancelled: z.boolean() });

const description = z.object({
  emulatorVersion: z.string(),
  protocolVersion: number,
  build: z.string(),
  memoryMegabytes: number,
  server: z.object({
    messageBytes: number,
    fids: z.array(z.object({ fid: number, path: z.array(z.string()), open: z.boolean(), flags: number, xattr: z.string().nullable() })),
    channelOwner: z.number().int(),
    namespace: z.object({ nextInode: number, bases: z.array(z.tuple([z.string(), number, number])) }),
  }),
  channel: z.object({
    nextId: number,
    link: z.object({ incoming: bytes, outgoing: bytes }),
    streams: z.array(
      z.object({
        id: number,
        kind: number,
        record: bytes,
        accepted: z.boolean(),
        window: number,
        uncredited: number,
        closed: z.boolean(),
        ended: z.array(number),
        notes: z.array(note),
        lanes: z.array(lane),
      }),
    ),
  }),
});

/** Header, a description in JSON (bytes as base64), v86's state. */
export function encodeMachineState({ emulator, ...rest }: MachineState): Uint8Array<ArrayBuffer> {
  const text = utf8(
    JSON.stringify({ emulatorVersion, protocolVersion, ...rest }, (_key, value: unknown) =>
      value instanceof Uint8Array ? { $bytes: toBase64(value) } : value,
    ),
  );
  const header = new Uint8Array(headerBytes);
  header.set(utf8(magic));
  const view = new DataView(header.buffer);
  view.setUint32(8, formatVersion, true);
  view.setUint32(12, text.length, true);
  return concatBytes([header, text, emulator]);
}

/** @throws AppError `invalid` for bytes of another format or version, or with an agent in them that speaks another protocol */
export function decodeMachineState(state: Uint8Array): MachineState {
  if (state.length < headerBytes || fromUtf8(state.subarray(0, magic.length)) !== magic)
    throw new AppError('invalid', 'not a saved machine');
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const version = view.getUint32(8, true);
  if (version !== formatVersion) throw new AppError('invalid', `a saved machine of format ${version}, not ${formatVersion}`);
  const end = headerBytes + view.getUint32(12, true);
  if (end > state.length) throw new AppError('invalid', 'the saved machine is cut off');
  const parsed = description.safeParse(parseJson(fromUtf8(state.subarray(headerBytes, end))));
  if (!parsed.success) throw new AppError('invalid', 'the description of the saved machine is damaged', { cause: parsed.error });
  const { emulatorVersion: savedBy, protocolVersion: spoken, ...rest } = parsed.data;
  if (savedBy !== emulatorVersion) throw new AppError('invalid', `saved by v86 ${savedBy}, not ${emulatorVersion}`);
  if (spoken !== protocolVersion)
    throw new AppError('invalid', `its agent speaks version ${spoken} of the protocol, not ${protocolVersion}`);
  return { ...rest, emulator: state.slice(end) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value;
      const encoded: unknown = Reflect.get(value, '$bytes');
      return typeof encoded === 'string' ? fromBase64(encoded) : value;
    });
  } catch (error) {
    throw new AppError('invalid', 'the description of the saved machine is damaged', { cause: error });
  }
}

function toBase64(value: Uint8Array): string {
  let text = '';
  for (const byte of value) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
