import { AppError } from '../base/errors.ts';
import { decodeMachineState, type MachineState } from './state-codec.ts';

export interface ExpectedState {
  readonly memoryMegabytes: number;
  /** Another state: both must come from the same kernel, agent, programs and disk. */
  readonly sameBuildAs?: Uint8Array | undefined;
}

/** Whether a state can be restored here. @throws AppError invalid with the reason: no state, another format, emulator, protocol, memory or build of the guest */
export function acceptState(state: Uint8Array, { memoryMegabytes, sameBuildAs }: ExpectedState): MachineState {
  const decoded = decodeMachineState(state);
  if (decoded.memoryMegabytes !== memoryMegabytes)
    throw new AppError('invalid', `the saved machine has ${decoded.memoryMegabytes} MB of memory, not ${memoryMegabytes}`);
  if (sameBuildAs !== undefined && decodeMachineState(sameBuildAs).build !== decoded.build)
    throw new AppError('invalid', 'the saved machine is of another build of the guest (kernel, agent, programs or disk)');
  return decoded;
}
