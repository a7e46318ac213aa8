import { compress, init } from '@bokuweb/zstd-wasm';
import { decodeMachineState, encodeMachineState } from './state-codec.ts';

/**
 * A state with v86's part compressed by zstd; `bootMachine` takes it as it takes any other.
 * @param state of `Machine.save()`, not packed
 * @param level of zstd: 3 takes a tenth of a second, 19 half a minute and a fifth less space
 */
export async function packState(state: Uint8Array, level: number): Promise<Uint8Array<ArrayBuffer>> {
  const { emulator, ...rest } = decodeMachineState(state);
  await init();
  return encodeMachineState({ ...rest, emulator: new Uint8Array(compress(emulator, level)) });
}
