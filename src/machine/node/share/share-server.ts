import { errno, LinuxError } from '../../ninep/errno.ts';
import { messageHeaderBytes, messageType, MessageReader, MessageWriter } from '../../ninep/wire.ts';
import type { Handle9p } from '../../share-device.ts';
import { attributeOperations } from './attribute-operations.ts';
import { asLinuxError } from './host-error.ts';
import { nameOperations } from './name-operations.ts';
import { openOperations, read } from './open-operations.ts';
import { sessionOperations } from './session-operations.ts';
import { ShareFiles, type Operations } from './share-files.ts';

/**
 * A 9P2000.L server over a folder of the host, for one guest: files are read, written, made, renamed and removed where they lie, nothing is kept here. Devices,
 * FIFOs and sockets cannot be made, extended attributes are refused, and setuid and setgid are left out.
 */
export class ShareServer {
  readonly #files: ShareFiles;
  readonly #operations: Operations;

  /** @param root an absolute path without links @param user who the engine is on the host */
  constructor(
    root: string,
    user: { readonly uid: number; readonly gid: number } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
  ) {
    const files = new ShareFiles(root, user);
    this.#files = files;
    this.#operations = { ...sessionOperations(files), ...nameOperations(files), ...openOperations(files), ...attributeOperations(files) };
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
    const { fids } = this.#files;
    return { fids: fids.size, open: [...fids.values()].filter(({ fd }) => fd !== null).length };
  }

  /** Closes what is open. */
  dispose(): void {
    this.#files.forgetAll();
  }

  #answer(type: number, tag: number, request: MessageReader): Uint8Array {
    if (type === messageType.read) return read(this.#files, tag, request);
    const operation = this.#operations[type];
    if (operation === undefined) throw new LinuxError(errno.EOPNOTSUPP);
    const reply = new MessageWriter(type + 1, tag);
    operation(request, reply);
    return reply.finish();
  }
}
