import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';
import { messageHeaderBytes, messageType, MessageReader, MessageWriter, qidType, type Qid } from '../../ninep/wire.ts';
import type { Handle9p } from '../../share-device.ts';
import { asLinuxError } from './host-error.ts';
import { above, below, HostFolder, isDirectory, isFile, isLink } from './host-folder.ts';
import { billion, flag, hostFlags, namesIn, readBytes, readName, readTime, seconds } from './message-values.ts';
import { ownersOf, type Owners } from './owners.ts';

/** A file of the share that the guest holds: by path, which follows when the guest renames, and by descriptor while it is open. */
interface Fid {
  path: string;
  /** Who attached: new files are theirs. */
  readonly uid: number;
  fd: number | null;
  /** Of a folder that is being read. */
  names: readonly string[] | null;
}

type Operation = (request: MessageReader, reply: MessageWriter) => void;

const largestMessage = 512 * 1024;
const mostFids = 65_536;
const enfile = 23;
const blockBytes = 4096;
/** P9_GETATTR_BASIC; statfs(2) of 9p; AT_REMOVEDIR. */
const attributesBasic = 0x7ff;
const fileSystemMagic = 0x01021997;
const removeFolder = 0x200;
/** include/net/9p/9p.h: P9_SETATTR_*. */
const changes = { mode: 1, uid: 2, gid: 4, size: 8, atime: 16, mtime: 32, atimeSet: 128, mtimeSet: 256 } as const;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
/** No file of the share runs as its owner on the host because a guest said so. */
const permissionBits = 0o1777;

/**
 * A 9P2000.L server over a folder of the host, for one guest: files are read, written, made, renamed and removed where they lie, nothing is kept here. Devices,
 * FIFOs and sockets cannot be made, extended attributes are refused, and setuid and setgid are left out.
 */
export class ShareServer {
  readonly #folder: HostFolder;
  readonly #owners: Owners;
  readonly #fids = new Map<number, Fid>();
  /** Numbers for the devices that the folder spans: inodes are unique within one only. */
  readonly #devices = new Map<bigint, number>();
  #messageBytes = 8192;

  /** @param root an absolute path without links @param user who the engine is on the host */
  constructor(
    root: string,
    user: { readonly uid: number; readonly gid: number } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
  ) {
    this.#folder = new HostFolder(root);
    this.#owners = ownersOf(user);
  }

  /** Takes one T-message and answers it before it returns. */
  readonly handle: Handle9p = (message, reply) => {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const type = view.getUint8(4);
    const tag = view.getUint16(5, true);
    let answer: Uint8Array;
    try {
      answer = this.#answer(type, tag, new MessageReader(message, messageHeaderBytes));
    } catch (thrown) {
      answer = new MessageWriter(messageType.lerror, tag, 16).u32(asLinuxError(thrown).errno).finish();
    }
    reply(answer);
  };

  /** Files that the guest holds, and how many of them are open. */
  get held(): { readonly fids: number; readonly open: number } {
    return { fids: this.#fids.size, open: [...this.#fids.values()].filter(({ fd }) => fd !== null).length };
  }

  /** Closes what is open. */
  dispose(): void {
    for (const fid of this.#fids.values()) release(fid);
    this.#fids.clear();
  }

  #answer(type: number, tag: number, request: MessageReader): Uint8Array {
    if (type === messageType.read) return this.#read(tag, request);
    const operation = this.#operations[type];
    if (operation === undefined) throw new LinuxError(errno.EOPNOTSUPP);
    const reply = new MessageWriter(type + 1, tag);
    operation(request, reply);
    return reply.finish();
  }

  readonly #operations: Readonly<Record<number, Operation>> = {
    [messageType.version]: (request, reply) => {
      this.dispose();
      this.#messageBytes = Math.max(messageHeaderBytes + 24, Math.min(request.u32(), largestMessage));
      reply.u32(this.#messageBytes).string(request.string() === '9P2000.L' ? '9P2000.L' : 'unknown');
    },
    // fid[4] afid[4] uname[s] aname[s] n_uname[4] -> qid
    [messageType.attach]: (request, reply) => {
      const number = request.u32();
      request.u32();
      request.string();
      request.string();
      const uid = request.u32();
      const stat = this.#folder.stat('');
      this.#add(number, { path: '', uid: uid === 0xffff_ffff ? 0 : uid, fd: null, names: null });
      reply.qid(this.#qid(stat));
    },
    // fid[4] newfid[4] nwname[2] names -> nwqid[2] qids
    [messageType.walk]: (request, reply) => {
      const from = this.#fid(request.u32());
      const to = request.u32();
      const count = request.u16();
      const qids: Qid[] = [];
      let path = from.path;
      for (let index = 0; index < count; index++) {
        const name = readName(request);
        try {
          path = name === '..' ? above(path) : below(path, name);
          qids.push(this.#qid(this.#folder.stat(path)));
        } catch (thrown) {
          if (index === 0) throw thrown;
          break;
        }
      }
      if (qids.length === count) this.#add(to, { path, uid: from.uid, fd: null, names: null });
      reply.u16(qids.length);
      for (const qid of qids) reply.qid(qid);
    },
    // fid[4] flags[4] -> qid iounit[4]
    [messageType.lopen]: (request, reply) => {
      const fid = this.#fid(request.u32());
      const flags = request.u32();
      const stat = this.#folder.stat(fid.path);
      if (isDirectory(stat) && (flags & flag.access) !== 0) throw new LinuxError(errno.EISDIR);
      if (!isDirectory(stat)) {
        // A FIFO or a device of the host is none of the guest's.
        if (!isFile(stat)) throw new LinuxError(errno.EPERM);
        const fd = openSync(this.#folder.locate(fid.path), hostFlags(flags));
        release(fid);
        fid.fd = fd;
      }
      reply.qid(this.#qid(stat)).u32(0);
    },
    // fid[4] name[s] flags[4] mode[4] gid[4] -> qid iounit[4]; the fid is the open file then
    [messageType.lcreate]: (request, reply) => {
      const fid = this.#fid(request.u32());
      const path = below(fid.path, readName(request));
      const flags = request.u32();
      const mode = request.u32();
      const gid = request.u32();
      const place = this.#folder.locate(path);
      const known = lstatSync(place, { bigint: true, throwIfNoEntry: false });
      // One that is there already is no file of ours to change; it may be a FIFO, too.
      if (known !== undefined && !isFile(known)) throw new LinuxError(isDirectory(known) ? errno.EISDIR : errno.EPERM);
      const exclusive = (flags & flag.exclusive) === 0 ? 0 : O_EXCL;
      const fd = openSync(place, hostFlags(flags) | O_CREAT | exclusive, mode & permissionBits);
      try {
        if (known === undefined) fchmodSync(fd, mode & permissionBits);
        if (known === undefined && this.#owners.gives) fchownSync(fd, fid.uid, gid);
        reply.qid(this.#qid(fstatSync(fd, { bigint: true }))).u32(0);
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
      release(fid);
      fid.path = path;
      fid.fd = fd;
    },
    // fid[4] name[s] target[s] gid[4] -> qid
    [messageType.symlink]: (request, reply) => {
      const fid = this.#fid(request.u32());
      const path = below(fid.path, readName(request));
      const target = readBytes(request);
      const gid = request.u32();
      symlinkSync(target, this.#folder.locate(path));
      this.#give(path, fid.uid, gid);
      reply.qid(this.#qid(this.#folder.stat(path)));
    },
    [messageType.mknod]: () => {
      throw new LinuxError(errno.EPERM);
    },
    // dfid[4] fid[4] name[s]
    [messageType.link]: (request) => {
      const folder = this.#fid(request.u32());
      const fid = this.#fid(request.u32());
      const path = below(folder.path, readName(request));
      if (!isFile(this.#folder.stat(fid.path))) throw new LinuxError(errno.EPERM);
      linkSync(this.#folder.locate(fid.path), this.#folder.locate(path));
    },
    // dfid[4] name[s] mode[4] gid[4] -> qid
    [messageType.mkdir]: (request, reply) => {
      const fid = this.#fid(request.u32());
      const path = below(fid.path, readName(request));
      const mode = request.u32() & permissionBits;
      const gid = request.u32();
      const place = this.#folder.locate(path);
      mkdirSync(place, { mode });
      chmodSync(place, mode);
      this.#give(path, fid.uid, gid);
      reply.qid(this.#qid(this.#folder.stat(path)));
    },
    // fid[4] dfid[4] name[s]
    [messageType.rename]: (request) => {
      const fid = this.#fid(request.u32());
      const folder = this.#fid(request.u32());
      this.#rename(fid.path, below(folder.path, readName(request)));
    },
    // olddirfid[4] oldname[s] newdirfid[4] newname[s]
    [messageType.renameat]: (request) => {
      const from = below(this.#fid(request.u32()).path, readName(request));
      this.#rename(from, below(this.#fid(request.u32()).path, readName(request)));
    },
    // dirfid[4] name[s] flags[4]
    [messageType.unlinkat]: (request) => {
      const path = below(this.#fid(request.u32()).path, readName(request));
      const place = this.#folder.locate(path);
      if ((request.u32() & removeFolder) === 0) unlinkSync(place);
      else rmdirSync(place);
    },
    // fid[4]; remove(5): the fid is gone even if the file is not
    [messageType.remove]: (request) => {
      const number = request.u32();
      const { path } = this.#fid(number);
      this.#forget(number);
      if (path === '') throw new LinuxError(errno.EBUSY);
      const place = this.#folder.locate(path);
      if (isDirectory(this.#folder.stat(path))) rmdirSync(place);
      else unlinkSync(place);
    },
    // fid[4] -> target[s]
    [messageType.readlink]: (request, reply) => {
      const target = readlinkSync(this.#folder.locate(this.#fid(request.u32()).path), 'buffer');
      reply.u16(target.length).bytes(target);
    },
    // fid[4] request_mask[8] -> valid[8] qid mode uid gid nlink rdev size blksize blocks, four times, gen, data_version
    [messageType.getattr]: (request, reply) => {
      const stat = this.#stat(this.#fid(request.u32()));
      const { uid, gid } = this.#owners.shown(stat.uid, stat.gid);
      reply.u64(attributesBasic).qid(this.#qid(stat)).u32(Number(stat.mode)).u32(uid).u32(gid);
      reply.u64(Number(stat.nlink)).u64(0).u64(Number(stat.size)).u64(blockBytes).u64(Number(stat.blocks));
      for (const time of [stat.atimeNs, stat.mtimeNs, stat.ctimeNs])
        reply.u64(seconds(time)).u64(Number(time - BigInt(seconds(time)) * billion));
      reply.u64(0).u64(0).u64(0).u64(0);
    },
    // fid[4] valid[4] mode[4] uid[4] gid[4] size[8] atime[8+8] mtime[8+8]
    [messageType.setattr]: (request) => this.#setattr(request),
    // fid[4] offset[8] count[4] -> count[4] of qid offset[8] type[1] name[s]
    [messageType.readdir]: (request, reply) => this.#readdir(request, reply),
    // fid[4] -> type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4]
    [messageType.statfs]: (request, reply) => {
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(this.#folder.locate(this.#fid(request.u32()).path));
      reply.u32(fileSystemMagic).u32(bsize).u64(blocks).u64(bfree).u64(bavail).u64(files).u64(ffree).u64(0).u32(255);
    },
    // fid[4] offset[8] count[4] data -> count[4]
    [messageType.write]: (request, reply) => {
      const { fd } = this.#fid(request.u32());
      const offset = request.u64();
      const data = request.bytes(request.u32());
      if (fd === null) throw new LinuxError(errno.EBADF);
      reply.u32(writeSync(fd, data, 0, data.length, offset));
    },
    // fid[4] datasync[4]
    [messageType.fsync]: (request) => {
      const { fd } = this.#fid(request.u32());
      if (fd === null) return;
      if (request.u32() === 0) fsyncSync(fd);
      else fdatasyncSync(fd);
    },
    [messageType.clunk]: (request) => this.#forget(request.u32()),
    // Everything is answered at once: there is nothing to take back.
    [messageType.flush]: () => undefined,
    // The guest's kernel settles its locks by itself; who holds one on the host is not told, as over NFS without its daemon.
    [messageType.lock]: (request, reply) => {
      this.#fid(request.u32());
      reply.u8(0);
    },
    [messageType.getlock]: (request, reply) => {
      this.#fid(request.u32());
      request.u8();
      reply.u8(2).u64(request.u64()).u64(request.u64()).u32(request.u32()).string(request.string());
    },
  };

  /** fid[4] offset[8] count[4] -> count[4] data */
  #read(tag: number, request: MessageReader): Uint8Array {
    const { fd } = this.#fid(request.u32());
    const offset = request.u64();
    const count = Math.min(request.u32(), this.#messageBytes - messageHeaderBytes - 4);
    if (fd === null) throw new LinuxError(errno.EBADF);
    const data = new Uint8Array(count);
    const got = count === 0 ? 0 : readSync(fd, data, 0, count, offset);
    return new MessageWriter(messageType.read + 1, tag, messageHeaderBytes + 4 + got).u32(got).bytes(data.subarray(0, got)).finish();
  }

  #readdir(request: MessageReader, reply: MessageWriter): void {
    const fid = this.#fid(request.u32());
    let index = request.u64();
    const limit = Math.min(request.u32(), this.#messageBytes - messageHeaderBytes - 4);
    if (index === 0 || fid.names === null) fid.names = namesIn(this.#folder.locate(fid.path));
    const parts: Uint8Array[] = [];
    let size = 0;
    for (; index < fid.names.length + 2; index++) {
      const name = index === 0 ? '.' : index === 1 ? '..' : (fid.names[index - 2] ?? '');
      const stat = this.#statOrNull(index === 0 ? fid.path : index === 1 ? above(fid.path) : below(fid.path, name));
      if (stat === null) continue;
      const entry = new MessageWriter(0, 0).qid(this.#qid(stat)).u64(index + 1);
      const bytes = Buffer.from(name, 'latin1');
      // DT_* of readdir(3) is the type of st_mode shifted.
      entry
        .u8((Number(stat.mode) & constants.S_IFMT) >> 12)
        .u16(bytes.length)
        .bytes(bytes);
      const encoded = entry.finish().subarray(messageHeaderBytes);
      if (size + encoded.length > limit) break;
      size += encoded.length;
      parts.push(encoded);
    }
    reply.u32(size);
    for (const part of parts) reply.bytes(part);
  }

  #setattr(request: MessageReader): void {
    const fid = this.#fid(request.u32());
    const valid = request.u32();
    const asked = (bit: number): boolean => (valid & bit) !== 0;
    const mode = request.u32() & permissionBits;
    const [uid, gid] = [request.u32(), request.u32()];
    const size = request.u64();
    const [atime, mtime] = [readTime(request), readTime(request)];
    const place = this.#folder.locate(fid.path);
    // The kernel asks by the name while an open descriptor of a removed file would do: of that the descriptor is taken.
    const stat = this.#stat(fid);
    if (asked(changes.uid | changes.gid)) {
      const owner = this.#owners.given(asked(changes.uid) ? uid : null, asked(changes.gid) ? gid : null);
      const [user, group] = [owner?.uid ?? Number(stat.uid), owner?.gid ?? Number(stat.gid)];
      if (owner !== null && fid.fd !== null) fchownSync(fid.fd, user, group);
      else if (owner !== null) lchownSync(place, user, group);
    }
    if (asked(changes.mode)) {
      if (isLink(stat)) throw new LinuxError(errno.EOPNOTSUPP);
      if (fid.fd === null) chmodSync(place, mode);
      else fchmodSync(fid.fd, mode);
    }
    if (asked(changes.size)) this.#truncate(fid, stat, size);
    if (asked(changes.atime | changes.mtime)) {
      const now = Date.now() / 1000;
      const read = asked(changes.atimeSet) ? atime : asked(changes.atime) ? now : Number(stat.atimeMs) / 1000;
      const changed = asked(changes.mtimeSet) ? mtime : asked(changes.mtime) ? now : Number(stat.mtimeMs) / 1000;
      if (fid.fd === null) lutimesSync(place, read, changed);
      else futimesSync(fid.fd, read, changed);
    }
  }

  #truncate(fid: Fid, stat: BigIntStats, size: number): void {
    if (!isFile(stat)) throw new LinuxError(errno.EINVAL);
    const fd = openSync(this.#folder.locate(fid.path), constants.O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      ftruncateSync(fd, size);
    } finally {
      closeSync(fd);
    }
  }

  #rename(from: string, to: string): void {
    renameSync(this.#folder.locate(from), this.#folder.locate(to));
    for (const fid of this.#fids.values()) {
      if (fid.path === from) fid.path = to;
      else if (fid.path.startsWith(`${from}/`)) fid.path = to + fid.path.slice(from.length);
    }
  }

  #give(path: string, uid: number, gid: number): void {
    if (this.#owners.gives) lchownSync(this.#folder.locate(path), uid, gid);
  }

  #stat(fid: Fid): BigIntStats {
    return fid.fd === null ? this.#folder.stat(fid.path) : fstatSync(fid.fd, { bigint: true });
  }

  #statOrNull(path: string): BigIntStats | null {
    try {
      return this.#folder.stat(path);
    } catch {
      return null;
    }
  }

  #qid(stat: BigIntStats): Qid {
    const device = this.#devices.get(stat.dev) ?? this.#devices.size;
    this.#devices.set(stat.dev, device);
    const type = isDirectory(stat) ? qidType.directory : isLink(stat) ? qidType.symlink : qidType.file;
    // Below 2^53: 48 bits of the inode, and which of at most 32 devices.
    return { type, version: 0, path: Number(stat.ino & 0xffff_ffff_ffffn) + (device % 32) * 2 ** 48 };
  }

  #fid(number: number): Fid {
    const fid = this.#fids.get(number);
    if (fid === undefined) throw new LinuxError(errno.EBADF);
    return fid;
  }

  #add(number: number, fid: Fid): void {
    this.#forget(number);
    if (this.#fids.size >= mostFids) throw new LinuxError(enfile);
    this.#fids.set(number, fid);
  }

  #forget(number: number): void {
    const fid = this.#fids.get(number);
    if (fid === undefined) return;
    this.#fids.delete(number);
    release(fid);
  }
}

function release(fid: Fid): void {
  if (fid.fd !== null) closeSync(fid.fd);
  fid.fd = null;
  fid.names = null;
}
