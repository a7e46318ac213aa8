import { constants, readdirSync } from 'node:fs';
import type { MessageReader } from '../../ninep/wire.ts';

/** Linux's numbers of open(2): the guest's, whatever the host's are (asm-generic/fcntl.h). */
export const flag = { access: 3, exclusive: 0o200, truncate: 0o1000, append: 0o2000 } as const;
const { O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_TRUNC } = constants;

/** No file of the share runs as its owner on the host because a guest said so. */
export const permissionBits = 0o1777;

export const billion = 1_000_000_000n;

/** Rounded down, also before 1970. */
export function seconds(nanoseconds: bigint): number {
  return Number((nanoseconds - (((nanoseconds % billion) + billion) % billion)) / billion);
}

export function hostFlags(flags: number): number {
  const access = flags & flag.access;
  return access | ((flags & flag.truncate) === 0 ? 0 : O_TRUNC) | ((flags & flag.append) === 0 ? 0 : O_APPEND) | O_NOFOLLOW | O_NONBLOCK;
}

export function readBytes(request: MessageReader): Buffer {
  return Buffer.from(request.bytes(request.u16()));
}

export function readName(request: MessageReader): string {
  return readBytes(request).toString('latin1');
}

/** seconds[8] nanoseconds[8] as seconds. */
export function readTime(request: MessageReader): number {
  return request.u64() + request.u64() / 1e9;
}

export function namesIn(folder: Buffer): string[] {
  return readdirSync(folder, 'buffer').map((name) => name.toString('latin1'));
}
