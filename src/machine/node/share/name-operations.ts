import { chmodSync, linkSync, mkdirSync, readlinkSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';
import { messageType, type Qid } from '../../ninep/wire.ts';
import { above, below, isDirectory, isFile } from './host-folder.ts';
import { permissionBits, readBytes, readName } from './message-values.ts';
import type { Operations, ShareFiles } from './share-files.ts';

/** AT_REMOVEDIR. */
const removeFolder = 0x200;

/** Names: walked, made, renamed, removed. */
export function nameOperations(files: ShareFiles): Operations {
  return {
    // fid[4] newfid[4] nwname[2] names -> nwqid[2] qids
    [messageType.walk]: (request, reply) => {
      const from = files.fid(request.u32());
      const to = request.u32();
      const count = request.u16();
      const qids: Qid[] = [];
      let path = from.path;
      for (let index = 0; index < count; index++) {
        const name = readName(request);
        try {
          path = name === '..' ? above(path) : below(path, name);
          qids.push(files.qid(files.folder.stat(path)));
        } catch (thrown) {
          if (index === 0) throw thrown;
          break;
        }
      }
      if (qids.length === count) files.add(to, { path, uid: from.uid, fd: null, names: null });
      reply.u16(qids.length);
      for (const qid of qids) reply.qid(qid);
    },
    // fid[4] name[s] target[s] gid[4] -> qid
    [messageType.symlink]: (request, reply) => {
      const fid = files.fid(request.u32());
      const path = below(fid.path, readName(request));
      const target = readBytes(request);
      const gid = request.u32();
      symlinkSync(target, files.folder.locate(path));
      files.give(path, fid.uid, gid);
      reply.qid(files.qid(files.folder.stat(path)));
    },
    [messageType.mknod]: () => {
      throw new LinuxError(errno.EPERM);
    },
    // dfid[4] fid[4] name[s]
    [messageType.link]: (request) => {
      const folder = files.fid(request.u32());
      const fid = files.fid(request.u32());
      const path = below(folder.path, readName(request));
      if (!isFile(files.folder.stat(fid.path))) throw new LinuxError(errno.EPERM);
      linkSync(files.folder.locate(fid.path), files.folder.locate(path));
    },
    // dfid[4] name[s] mode[4] gid[4] -> qid
    [messageType.mkdir]: (request, reply) => {
      const fid = files.fid(request.u32());
      const path = below(fid.path, readName(request));
      const mode = request.u32() & permissionBits;
      const gid = request.u32();
      const place = files.folder.locate(path);
      mkdirSync(place, { mode });
      chmodSync(place, mode);
      files.give(path, fid.uid, gid);
      reply.qid(files.qid(files.folder.stat(path)));
    },
    // fid[4] dfid[4] name[s]
    [messageType.rename]: (request) => {
      const fid = files.fid(request.u32());
      const folder = files.fid(request.u32());
      rename(files, fid.path, below(folder.path, readName(request)));
    },
    // olddirfid[4] oldname[s] newdirfid[4] newname[s]
    [messageType.renameat]: (request) => {
      const from = below(files.fid(request.u32()).path, readName(request));
      rename(files, from, below(files.fid(request.u32()).path, readName(request)));
    },
    // dirfid[4] name[s] flags[4]
    [messageType.unlinkat]: (request) => {
      const path = below(files.fid(request.u32()).path, readName(request));
      const place = files.folder.locate(path);
      if ((request.u32() & removeFolder) === 0) unlinkSync(place);
      else rmdirSync(place);
    },
    // fid[4]; remove(5): the fid is gone even if the file is not
    [messageType.remove]: (request) => {
      const number = request.u32();
      const { path } = files.fid(number);
      files.forget(number);
      if (path === '') throw new LinuxError(errno.EBUSY);
      const place = files.folder.locate(path);
      if (isDirectory(files.folder.stat(path))) rmdirSync(place);
      else unlinkSync(place);
    },
    // fid[4] -> target[s]
    [messageType.readlink]: (request, reply) => {
      const target = readlinkSync(files.folder.locate(files.fid(request.u32()).path), 'buffer');
      reply.u16(target.length).bytes(target);
    },
  };
}

function rename(files: ShareFiles, from: string, to: string): void {
  renameSync(files.folder.locate(from), files.folder.locate(to));
  for (const fid of files.fids.values()) {
    if (fid.path === from) fid.path = to;
    else if (fid.path.startsWith(`${from}/`)) fid.path = to + fid.path.slice(from.length);
  }
}
