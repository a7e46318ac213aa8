import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  lutimesSync,
  openSync,
  statfsSync,
  type BigIntStats,
} from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';
import { messageType, type MessageReader } from '../../ninep/wire.ts';
import { isFile, isLink } from './host-folder.ts';
import { billion, permissionBits, readTime, seconds } from './message-values.ts';
import type { Fid, Operations, ShareFiles } from './share-files.ts';

const blockBytes = 4096;
/** P9_GETATTR_BASIC; statfs(2) of 9p. */
const attributesBasic = 0x7ff;
const fileSystemMagic = 0x01021997;
/** include/net/9p/9p.h: P9_SETATTR_*. */
const changes = { mode: 1, uid: 2, gid: 4, size: 8, atime: 16, mtime: 32, atimeSet: 128, mtimeSet: 256 } as const;
const { O_NOFOLLOW, O_NONBLOCK } = constants;

/** What is known of a file, and changed of it. */
export function attributeOperations(files: ShareFiles): Operations {
  return {
    // fid[4] request_mask[8] -> valid[8] qid mode uid gid nlink rdev size blksize blocks, four times, gen, data_version
    [messageType.getattr]: (request, reply) => {
      const stat = files.stat(files.fid(request.u32()));
      const { uid, gid } = files.owners.shown(stat.uid, stat.gid);
      reply.u64(attributesBasic).qid(files.qid(stat)).u32(Number(stat.mode)).u32(uid).u32(gid);
      reply.u64(Number(stat.nlink)).u64(0).u64(Number(stat.size)).u64(blockBytes).u64(Number(stat.blocks));
      for (const time of [stat.atimeNs, stat.mtimeNs, stat.ctimeNs])
        reply.u64(seconds(time)).u64(Number(time - BigInt(seconds(time)) * billion));
      reply.u64(0).u64(0).u64(0).u64(0);
    },
    // fid[4] valid[4] mode[4] uid[4] gid[4] size[8] atime[8+8] mtime[8+8]
    [messageType.setattr]: (request) => setattr(files, request),
    // fid[4] -> type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4]
    [messageType.statfs]: (request, reply) => {
      const room = statfsSync(files.folder.locate(files.fid(request.u32()).path));
      reply.u32(fileSystemMagic).u32(room.bsize).u64(room.blocks).u64(room.bfree).u64(room.bavail);
      reply.u64(room.files).u64(room.ffree).u64(0).u32(255);
    },
  };
}

function setattr(files: ShareFiles, request: MessageReader): void {
  const fid = files.fid(request.u32());
  const valid = request.u32();
  const asked = (bit: number): boolean => (valid & bit) !== 0;
  const mode = request.u32() & permissionBits;
  const [uid, gid] = [request.u32(), request.u32()];
  const size = request.u64();
  const [atime, mtime] = [readTime(request), readTime(request)];
  const place = files.folder.locate(fid.path);
  // The kernel asks by the name while an open descriptor of a removed file would do: of that the descriptor is taken.
  const stat = files.stat(fid);
  if (asked(changes.uid | changes.gid)) {
    const owner = files.owners.given(asked(changes.uid) ? uid : null, asked(changes.gid) ? gid : null);
    const [user, group] = [owner?.uid ?? Number(stat.uid), owner?.gid ?? Number(stat.gid)];
    if (owner !== null && fid.fd !== null) fchownSync(fid.fd, user, group);
    else if (owner !== null) lchownSync(place, user, group);
  }
  if (asked(changes.mode)) {
    if (isLink(stat)) throw new LinuxError(errno.EOPNOTSUPP);
    if (fid.fd === null) chmodSync(place, mode);
    else fchmodSync(fid.fd, mode);
  }
  if (asked(changes.size)) truncate(files, fid, stat, size);
  if (asked(changes.atime | changes.mtime)) {
    const now = Date.now() / 1000;
    const read = asked(changes.atimeSet) ? atime : asked(changes.atime) ? now : Number(stat.atimeMs) / 1000;
    const changed = asked(changes.mtimeSet) ? mtime : asked(changes.mtime) ? now : Number(stat.mtimeMs) / 1000;
    if (fid.fd === null) lutimesSync(place, read, changed);
    else futimesSync(fid.fd, read, changed);
  }
}

function truncate(files: ShareFiles, fid: Fid, stat: BigIntStats, size: number): void {
  if (!isFile(stat)) throw new LinuxError(errno.EINVAL);
  const fd = openSync(files.folder.locate(fid.path), constants.O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    ftruncateSync(fd, size);
  } finally {
    closeSync(fd);
  }
}
