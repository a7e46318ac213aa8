import { AppError, type ErrorKind } from '../../base/errors.ts';
import { decodeRecord, encodeRecord } from '../../protocol/agent-codec.ts';

/** errno of Linux i386 to the class of outcome; what is not here is `internal`. */
const kindOfErrno: ReadonlyMap<number, ErrorKind> = new Map([
  [1, 'forbidden'], // EPERM
  [2, 'not_found'], // ENOENT
  [3, 'not_found'], // ESRCH
  [11, 'exhausted'], // EAGAIN: fork(2) at the limit of processes
  [12, 'exhausted'], // ENOMEM
  [13, 'forbidden'], // EACCES
  [16, 'conflict'], // EBUSY
  [17, 'conflict'], // EEXIST
  [20, 'invalid'], // ENOTDIR
  [21, 'invalid'], // EISDIR
  [22, 'invalid'], // EINVAL
  [28, 'exhausted'], // ENOSPC
  [38, 'not_implemented'], // ENOSYS
  [95, 'not_implemented'], // EOPNOTSUPP
  [125, 'cancelled'], // ECANCELED
]);

export const linuxErrno = { E2BIG: 7, EPROTO: 71, ECANCELED: 125, ENOSYS: 38 } as const;

/** The agent's RESET as an error; `detail` has `errno` and `stage`. */
export function failureFromReset(payload: Uint8Array): AppError {
  const { errno, message, stage } = decodeRecord('failure', payload);
  const text = message === '' ? `the agent gave up (errno ${errno})` : message;
  return new AppError(kindOfErrno.get(errno) ?? 'internal', text, { detail: { errno, stage } });
}

/** RESET's payload for the agent. */
export function resetPayload(errno: number, message: string): Uint8Array {
  return encodeRecord('failure', { errno, message: message.replaceAll('\0', '') });
}
