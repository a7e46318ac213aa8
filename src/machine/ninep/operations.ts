import { concatBytes, utf8 } from '../../base/bytes.ts';
import { modeType, type TreeNode } from '../../base/file-tree.ts';
import { errno, LinuxError } from './errno.ts';
import type { FidTable } from './fids.ts';
import type { Namespace, ServedFile } from './namespace.ts';
import { messageHeaderBytes, qidType, type MessageReader, type MessageWriter, type Qid } from './wire.ts';

/** What an operation works on. */
export interface Session {
  readonly namespace: Namespace;
  readonly fids: FidTable;
  /** Bytes of the largest message, agreed by Tversion. */
  messageBytes: number;
}

const accessMode = { mask: 3, truncate: 0o1000, append: 0o2000 } as const;
/** v9fs's own magic number (include/linux/magic.h). */
const fileSystemMagic = 0x01021997;
const blockBytes = 4096;
/** P9_GETATTR_BASIC (include/net/9p/9p.h): everything but birth time, generation and data version. */
const attributesBasic = 0x7ff;
const anyLock = { success: 0, unlocked: 2 } as const;

export function qidOf(namespace: Namespace, { inode, node, role }: ServedFile): Qid {
  const type = node.mode & modeType.mask;
  return {
    type: type === modeType.directory ? qidType.directory : type === modeType.symlink ? qidType.symlink : qidType.file,
    version: role === 'dynamic' ? namespace.version : 0,
    path: inode,
  };
}

/** tag fid[4] afid[4] uname[s] aname[s] n_uname[4] -> qid */
export function attach({ namespace, fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const fid = request.u32();
  fids.add(fid, namespace.root);
  reply.qid(qidOf(namespace, namespace.root));
}

/** fid[4] newfid[4] nwname[2] nwname*(wname[s]) -> nwqid[2] nwqid*(wqid); fewer qids than names and no new fid when a name is missing. */
export function walk({ namespace, fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const from = request.u32();
  const to = request.u32();
  const count = request.u16();
  let file = fids.file(from);
  const qids: Qid[] = [];
  for (let index = 0; index < count; index++) {
    const name = request.string();
    if ((file.node.mode & modeType.mask) !== modeType.directory) {
      if (index === 0) throw new LinuxError(errno.ENOTDIR);
      break;
    }
    const next = namespace.lookup(file, name);
    if (next === null) {
      if (index === 0) throw new LinuxError(errno.ENOENT);
      break;
    }
    file = next;
    qids.push(qidOf(namespace, file));
  }
  if (qids.length === count) {
    if (from === to) fids.replace(to, file);
    else fids.add(to, file);
  }
  reply.u16(qids.length);
  for (const qid of qids) reply.qid(qid);
}

/** fid[4] flags[4] -> qid iounit[4]; iounit 0 is "as much as a message holds". */
export function open({ namespace, fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const number = request.u32();
  const flags = request.u32();
  const file = fids.file(number);
  const writes = (flags & accessMode.mask) !== 0 || (flags & accessMode.truncate) !== 0;
  if (writes && file.role !== 'channel')
    throw new LinuxError((file.node.mode & modeType.mask) === modeType.directory ? errno.EISDIR : errno.EROFS);
  const fid = fids.get(number);
  fid.open = true;
  fid.flags = flags;
  reply.qid(qidOf(namespace, file)).u32(0);
}

/** fid[4] -> target[s] */
export function readlink({ fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const { node } = fids.file(request.u32());
  if (node.target === undefined) throw new LinuxError(errno.EINVAL);
  reply.string(node.target);
}

/** fid[4] request_mask[8] -> valid[8] qid mode[4] uid[4] gid[4] nlink[8] rdev[8] size[8] blksize[8] blocks[8] atime mtime ctime btime (16 each) gen[8] data_version[8] */
export function getattr({ namespace, fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const file = fids.file(request.u32());
  const { node } = file;
  const size = node.target === undefined ? node.size : utf8(node.target).length;
  reply.u64(attributesBasic).qid(qidOf(namespace, file)).u32(node.mode).u32(node.uid).u32(node.gid);
  reply
    .u64(linkCount(node))
    .u64(deviceNumber(node))
    .u64(size)
    .u64(blockBytes)
    .u64(Math.ceil(size / 512));
  for (let stamp = 0; stamp < 3; stamp++) reply.u64(node.mtime).u64(0);
  reply.u64(0).u64(0).u64(0).u64(0);
}

/** A directory's links are its name, its "." and the ".." of each directory in it: find(1) counts on that. */
function linkCount({ nlink, children }: TreeNode): number {
  if (nlink !== undefined) return nlink;
  if (children === undefined) return 1;
  let links = 2;
  for (const child of children.values()) if ((child.mode & modeType.mask) === modeType.directory) links++;
  return links;
}

/** As new_encode_dev of include/linux/kdev_t.h, which v9fs decodes. */
function deviceNumber({ device }: TreeNode): number {
  if (device === undefined) return 0;
  const { major, minor } = device;
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** fid[4] offset[8] count[4] -> count[4] of qid offset[8] type[1] name[s]; an offset is the number of the entry after. */
export function readdir(session: Session, request: MessageReader, reply: MessageWriter): void {
  const { namespace, fids } = session;
  const file = fids.file(request.u32());
  if ((file.node.mode & modeType.mask) !== modeType.directory) throw new LinuxError(errno.ENOTDIR);
  let index = request.u64();
  const limit = reply.length + 4 + readLimit(session, request.u32());
  const parent = namespace.resolve(file.path.slice(0, -1)) ?? namespace.root;
  const entries = [['.', file] as const, ['..', parent] as const, ...namespace.list(file)];
  const parts: Uint8Array[] = [];
  let size = reply.length + 4;
  for (; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined) break;
    const [name, child] = entry;
    const encoded = directoryEntry(qidOf(namespace, child), index + 1, child.node.mode, name);
    if (size + encoded.length > limit) break;
    size += encoded.length;
    parts.push(encoded);
  }
  const bytes = concatBytes(parts);
  reply.u32(bytes.length).bytes(bytes);
}

function directoryEntry(qid: Qid, next: number, mode: number, name: string): Uint8Array {
  const encodedName = utf8(name);
  const bytes = new Uint8Array(24 + encodedName.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, qid.type);
  view.setUint32(1, qid.version, true);
  view.setUint32(5, qid.path >>> 0, true);
  view.setUint32(9, Math.floor(qid.path / 0x1_0000_0000), true);
  view.setUint32(13, next, true);
  // DT_* of readdir(3) is the type of st_mode shifted.
  view.setUint8(21, (mode & modeType.mask) >> 12);
  view.setUint16(22, encodedName.length, true);
  bytes.set(encodedName, 24);
  return bytes;
}

/** fid[4] -> type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4] */
export function statfs({ fids }: Session, request: MessageReader, reply: MessageWriter): void {
  fids.get(request.u32());
  reply.u32(fileSystemMagic).u32(blockBytes).u64(0).u64(0).u64(0).u64(0).u64(0).u64(0).u32(255);
}

/** fid[4] newfid[4] name[s] -> size[8]; the new fid reads the value, or the list of names when name is empty. */
export function xattrwalk({ fids }: Session, request: MessageReader, reply: MessageWriter): void {
  const file = fids.file(request.u32());
  const newFid = request.u32();
  const name = request.string();
  const value = xattrValue(file.node, name);
  fids.add(newFid, file, name);
  reply.u64(value.length);
}

/** @param name '' for the list of names, each with its NUL (listxattr(2)) */
export function xattrValue(node: TreeNode, name: string): Uint8Array {
  if (name === '') return utf8([...(node.xattrs?.keys() ?? [])].map((key) => `${key}\0`).join(''));
  const value = node.xattrs?.get(name);
  if (value === undefined) throw new LinuxError(errno.ENODATA);
  return value;
}

/** fid[4] valid[4] mode[4] uid[4] gid[4] size[8] atime mtime: the channel takes it, for the kernel writes back its times. */
export function setattr({ fids }: Session, request: MessageReader): void {
  if (fids.file(request.u32()).role !== 'channel') throw new LinuxError(errno.EROFS);
}

/** fid[4] datasync[4]: nothing here is ever dirty. */
export function fsync({ fids }: Session, request: MessageReader): void {
  fids.get(request.u32());
}

/** fid[4] type[1] flags[4] start[8] length[8] proc_id[4] client_id[s] -> status[1]; the only client there is gets every lock. */
export function lock({ fids }: Session, request: MessageReader, reply: MessageWriter): void {
  fids.get(request.u32());
  reply.u8(anyLock.success);
}

/** fid[4] type[1] start[8] length[8] proc_id[4] client_id[s] -> the same with type F_UNLCK */
export function getlock({ fids }: Session, request: MessageReader, reply: MessageWriter): void {
  fids.get(request.u32());
  request.u8();
  reply.u8(anyLock.unlocked).u64(request.u64()).u64(request.u64()).u32(request.u32()).string(request.string());
}

/** Room for file bytes in a reply to Tread. */
export function readLimit(session: Session, count: number): number {
  return Math.max(0, Math.min(count, session.messageBytes - messageHeaderBytes - 4));
}
