import { messageHeaderBytes, messageType } from '../../ninep/wire.ts';
import type { Operations, ShareFiles } from './share-files.ts';

const largestMessage = 512 * 1024;

/** The connection itself, what it holds, and locks. */
export function sessionOperations(files: ShareFiles): Operations {
  return {
    [messageType.version]: (request, reply) => {
      files.forgetAll();
      files.messageBytes = Math.max(messageHeaderBytes + 24, Math.min(request.u32(), largestMessage));
      reply.u32(files.messageBytes).string(request.string() === '9P2000.L' ? '9P2000.L' : 'unknown');
    },
    // fid[4] afid[4] uname[s] aname[s] n_uname[4] -> qid
    [messageType.attach]: (request, reply) => {
      const number = request.u32();
      request.u32();
      request.string();
      request.string();
      const uid = request.u32();
      const stat = files.folder.stat('');
      files.add(number, { path: '', uid: uid === 0xffff_ffff ? 0 : uid, fd: null, names: null });
      reply.qid(files.qid(stat));
    },
    [messageType.clunk]: (request) => files.forget(request.u32()),
    // Everything is answered at once: there is nothing to take back.
    [messageType.flush]: () => undefined,
    // The guest's kernel settles its locks by itself; who holds one on the host is not told, as over NFS without its daemon.
    [messageType.lock]: (request, reply) => {
      files.fid(request.u32());
      reply.u8(0);
    },
    [messageType.getlock]: (request, reply) => {
      files.fid(request.u32());
      request.u8();
      reply.u8(2).u64(request.u64()).u64(request.u64()).u32(request.u32()).string(request.string());
    },
  };
}
