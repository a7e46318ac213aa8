import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';
import { messageHeaderBytes, messageType, MessageWriter, type MessageReader } from '../../ninep/wire.ts';
import { above, below, isDirectory, isFile } from './host-folder.ts';
import { flag, hostFlags, namesIn, permissionBits, readName } from './message-values.ts';
import { release, type Operations, type ShareFiles } from './share-files.ts';

const { O_CREAT, O_EXCL } = constants;

/** Files that are open, and folders that are read. */
export function openOperations(files: ShareFiles): Operations {
  return {
    // fid[4] flags[4] -> qid iounit[4]
    [messageType.lopen]: (request, reply) => {
      const fid = files.fid(request.u32());
      const flags = request.u32();
      const stat = files.folder.stat(fid.path);
      if (isDirectory(stat) && (flags & flag.access) !== 0) throw new LinuxError(errno.EISDIR);
      if (!isDirectory(stat)) {
        // A FIFO or a device of the host is none of the guest's.
        if (!isFile(stat)) throw new LinuxError(errno.EPERM);
        const fd = openSync(files.folder.locate(fid.path), hostFlags(flags));
        release(fid);
        fid.fd = fd;
      }
      reply.qid(files.qid(stat)).u32(0);
    },
    // fid[4] name[s] flags[4] mode[4] gid[4] -> qid iounit[4]; the fid is the open file then
    [messageType.lcreate]: (request, reply) => {
      const fid = files.fid(request.u32());
      const path = below(fid.path, readName(request));
      const flags = request.u32();
      const mode = request.u32();
      const gid = request.u32();
      const place = files.folder.locate(path);
      const known = lstatSync(place, { bigint: true, throwIfNoEntry: false });
      // One that is there already is no file of ours to change; it may be a FIFO, too.
      if (known !== undefined && !isFile(known)) throw new LinuxError(isDirectory(known) ? errno.EISDIR : errno.EPERM);
      const exclusive = (flags & flag.exclusive) === 0 ? 0 : O_EXCL;
      const fd = openSync(place, hostFlags(flags) | O_CREAT | exclusive, mode & permissionBits);
      try {
        if (known === undefined) fchmodSync(fd, mode & permissionBits);
        if (known === undefined && files.owners.gives) fchownSync(fd, fid.uid, gid);
        reply.qid(files.qid(fstatSync(fd, { bigint: true }))).u32(0);
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
      release(fid);
      fid.path = path;
      fid.fd = fd;
    },
    // fid[4] offset[8] count[4] -> count[4] of qid offset[8] type[1] name[s]
    [messageType.readdir]: (request, reply) => readdir(files, request, reply),
    // fid[4] offset[8] count[4] data -> count[4]
    [messageType.write]: (request, reply) => {
      const { fd } = files.fid(request.u32());
      const offset = request.u64();
      const data = request.bytes(request.u32());
      if (fd === null) throw new LinuxError(errno.EBADF);
      reply.u32(writeSync(fd, data, 0, data.length, offset));
    },
    // fid[4] datasync[4]
    [messageType.fsync]: (request) => {
      const { fd } = files.fid(request.u32());
      if (fd === null) return;
      if (request.u32() === 0) fsyncSync(fd);
      else fdatasyncSync(fd);
    },
  };
}

/** fid[4] offset[8] count[4] -> count[4] data */
export function read(files: ShareFiles, tag: number, request: MessageReader): Uint8Array {
  const { fd } = files.fid(request.u32());
  const offset = request.u64();
  const count = Math.min(request.u32(), files.messageBytes - messageHeaderBytes - 4);
  if (fd === null) throw new LinuxError(errno.EBADF);
  const data = new Uint8Array(count);
  const got = count === 0 ? 0 : readSync(fd, data, 0, count, offset);
  return new MessageWriter(messageType.read + 1, tag, messageHeaderBytes + 4 + got).u32(got).bytes(data.subarray(0, got)).finish();
}

function readdir(files: ShareFiles, request: MessageReader, reply: MessageWriter): void {
  const fid = files.fid(request.u32());
  let index = request.u64();
  const limit = Math.min(request.u32(), files.messageBytes - messageHeaderBytes - 4);
  if (index === 0 || fid.names === null) fid.names = namesIn(files.folder.locate(fid.path));
  const parts: Uint8Array[] = [];
  let size = 0;
  for (; index < fid.names.length + 2; index++) {
    const name = index === 0 ? '.' : index === 1 ? '..' : (fid.names[index - 2] ?? '');
    const stat = files.statOrNull(index === 0 ? fid.path : index === 1 ? above(fid.path) : below(fid.path, name));
    if (stat === null) continue;
    const entry = new MessageWriter(0, 0).qid(files.qid(stat)).u64(index + 1);
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
