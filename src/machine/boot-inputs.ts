import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, toHex, utf8 } from '../base/bytes.ts';
import { writeCpio } from './cpio.ts';
import { emulatorVersion, formatVersion } from './state-codec.ts';
import { modeType } from '../base/file-tree.ts';
import { protocolVersion } from '../protocol/agent.ts';

const init = 'sbin/init';

/** All files that a cold boot needs. */
export interface BootFiles {
  /** v86.wasm */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** bzImage */
  readonly kernel: Uint8Array;
  /** rootfs.cpio.gz */
  readonly rootfs: Uint8Array;
  /** The agent's binary. */
  readonly agent: Uint8Array;
  readonly bios: Uint8Array;
  readonly vgaBios: Uint8Array;
  /** DRYDISK1 template, gunzipped. */
  readonly disk: Uint8Array<ArrayBuffer>;
}

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

const biosMegabytes = 16;

/**
 * Kernel parameters that every cold boot takes. SeaBIOS keeps the top 16 MB to itself until it boots from a disk, which never happens
 * here, and no code of it runs once the kernel does: what is reserved there (e820 type 2) becomes memory (type 1).
 */
export function kernelParameters(memoryMegabytes: number): string {
  const top = (memoryMegabytes - biosMegabytes) * 1024 * 1024;
  return `memmap=${biosMegabytes}M%0x${top.toString(16)}-2+1`;
}

/** What a guest is made of, as hexadecimal SHA-256: two states of one build have the same kernel, agent, programs and disk behind them. */
export function guestBuild({
  kernel,
  initrd,
  disk,
}: {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  readonly disk: Uint8Array;
}): string {
  const hash = sha256.create();
  for (const file of [kernel, initrd, disk]) hash.update(sha256(file));
  return toHex(hash.digest());
}

/** A name for the boot state that these make: hexadecimal SHA-256 over every input, v86's version the format of states and the agent's protocol. */
export function bootKey(inputs: BootFiles & { readonly memoryMegabytes: number }): string {
  const { wasm, kernel, rootfs, agent, bios, vgaBios, disk, memoryMegabytes } = inputs;
  const hash = sha256.create();
  hash.update(
    utf8(`${emulatorVersion} ${formatVersion} ${protocolVersion} ${memoryMegabytes} ${kernelParameters(memoryMegabytes)} trim\n`),
  );
  for (const file of [wasm, kernel, rootfs, agent, bios, vgaBios, disk]) hash.update(sha256(file));
  return toHex(hash.digest());
}
