import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import type { ChannelState } from './channel/channel.ts';
import type { ServerState } from './ninep/server.ts';

/** Everything of a machine that is saved. */
export interface MachineState {
  readonly memoryMegabytes: number;
  readonly server: ServerState;
  readonly channel: ChannelState;
  /** v86's own format. */
  readonly emulator: Uint8Array<ArrayBuffer> | ArrayBuffer;
}
export function encodeMachineState(_state: MachineState): Uint8Array { throw new AppError('internal', 'x'); }
export function decodeMachineState(_bytes: Uint8Array): { memoryMegabytes: number; server: ServerState; channel: ChannelState; emulator: ArrayBuffer } { void concatBytes; void fromUtf8; void utf8; throw new AppError('internal', 'x'); }
