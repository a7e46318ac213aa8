import { errno, LinuxError } from '../../ninep/errno.ts';

/**
 * Whose files the guest sees. An engine of the host's root shows owners as they are and gives files to whom the guest says. Any other engine can own files of
 * its user alone: they are root's in the guest, as in Docker without root, and stay so.
 */
export interface Owners {
  shown(uid: bigint, gid: bigint): { readonly uid: number; readonly gid: number };
  /** What is to be changed on the host; null: nothing. @throws LinuxError EPERM */
  given(uid: number | null, gid: number | null): { readonly uid: number | null; readonly gid: number | null } | null;
  /** Whether a new file is given to who made it. */
  readonly gives: boolean;
}

export function ownersOf(user: { readonly uid: number; readonly gid: number }): Owners {
  if (user.uid === 0)
    return {
      shown: (uid, gid) => ({ uid: Number(uid), gid: Number(gid) }),
      given: (uid, gid) => ({ uid, gid }),
      gives: true,
    };
  return {
    shown: (uid, gid) => ({ uid: Number(uid) === user.uid ? 0 : Number(uid), gid: Number(gid) === user.gid ? 0 : Number(gid) }),
    given: (uid, gid) => {
      if ((uid ?? 0) !== 0 || (gid ?? 0) !== 0) throw new LinuxError(errno.EPERM);
      return null;
    },
    gives: false,
  };
}
