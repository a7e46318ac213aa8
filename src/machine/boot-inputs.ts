import { concatBytes, utf8 } from '../base/bytes.ts';
import { writeCpio } from './cpio.ts';
import { modeType } from './tree.ts';

const init = 'sbin/init';

/**
 * The initrd: the root file system's archive, then one with the agent as /sbin/init and, under the client's name, /usr/bin/docker.
 * The kernel unpacks one archive after the other, each compressed or not, from a multiple of four bytes on.
 */
export function initrdFor(rootfs: Uint8Array, agent: Uint8Array): Uint8Array<ArrayBuffer> {
  const agentArchive = writeCpio([
    { name: init, mode: modeType.file | 0o755, data: agent },
    { name: 'usr/bin/docker', mode: modeType.symlink | 0o777, data: utf8(`/${init}`) },
  ]);
  return concatBytes([rootfs, new Uint8Array((4 - (rootfs.length % 4)) % 4), agentArchive]);
}
