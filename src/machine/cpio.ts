import { concatBytes, utf8 } from '../base/bytes.ts';

/** A file of an initramfs archive; directories on the way must come first or be in an earlier archive. */
export interface CpioEntry {
  readonly name: string;
  /** As st_mode, with the type. */
  readonly mode: number;
  /** Contents; of a symlink its target. */
  readonly data: Uint8Array;
}

const trailer = 'TRAILER!!!';

/** An archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst), owner root, time 0. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap((entry, index) => record(entry, index + 1));
  return concatBytes([...parts, ...record({ name: trailer, mode: 0, data: new Uint8Array(0) }, 0)]);
}

function record({ name, mode, data }: CpioEntry, inode: number): Uint8Array[] {
  const path = utf8(`${name}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, path.length, 0];
  const header = utf8(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, path, padding(header.length + path.length), data, padding(data.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
