import { LinuxError } from '../../ninep/errno.ts';

/** Linux's numbers by Node's names: other systems count otherwise (asm-generic/errno-base.h, errno.h). */
const numbers: ReadonlyMap<unknown, number> = new Map(
  Object.entries({
    EPERM: 1,
    ENOENT: 2,
    EIO: 5,
    ENXIO: 6,
    EBADF: 9,
    EAGAIN: 11,
    ENOMEM: 12,
    EACCES: 13,
    EBUSY: 16,
    EEXIST: 17,
    EXDEV: 18,
    ENOTDIR: 20,
    EISDIR: 21,
    EINVAL: 22,
    ENFILE: 23,
    EMFILE: 24,
    ETXTBSY: 26,
    EFBIG: 27,
    ENOSPC: 28,
    EROFS: 30,
    EMLINK: 31,
    ENAMETOOLONG: 36,
    ENOTEMPTY: 39,
    ELOOP: 40,
    EOPNOTSUPP: 95,
    ENOTSUP: 95,
    ESTALE: 116,
    EDQUOT: 122,
  }),
);

const ioError = 5;

/** What the guest is told of a failure of the host: EIO where it has no name here. */
export function asLinuxError(thrown: unknown): LinuxError {
  if (thrown instanceof LinuxError) return thrown;
  const code: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'code') : undefined;
  return new LinuxError(numbers.get(code) ?? ioError);
}
