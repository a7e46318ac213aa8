import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { initrdFor } from './boot-inputs.ts';
import { writeCpio } from './cpio.ts';
import { modeType } from '../base/file-tree.ts';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data: string;
}

/** A reader of the format's own, with its checks. */
function readCpio(archive: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  const aligned = (offset: number): number => Math.ceil(offset / 4) * 4;
  let offset = 0;
  for (;;) {
    const header = fromUtf8(archive.subarray(offset, offset + 110));
    if (!header.startsWith('070701')) throw new Error(`no header at ${offset}`);
    const field = (index: number): number => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const nameEnd = offset + 110 + field(11);
    const name = fromUtf8(archive.subarray(offset + 110, nameEnd - 1));
    if (name === 'TRAILER!!!') return entries;
    const start = aligned(nameEnd);
    entries.push({ name, mode: field(1), data: fromUtf8(archive.subarray(start, start + field(6))) });
    offset = aligned(start + field(6));
  }
}

test('an archive has its entries in order, whatever their lengths', () => {
  const entries = ['', 'a', 'ab', 'abc', 'abcd'].map((data, index) => ({
    name: `file${'x'.repeat(index)}`,
    mode: modeType.file | 0o644,
    data,
  }));
  expect(readCpio(writeCpio(entries.map(({ name, mode, data }) => ({ name, mode, data: utf8(data) }))))).toEqual(entries);
});

test('the initrd is the root file system, aligned, then the agent under its two names', () => {
  const rootfs = utf8('gzip!');
  const initrd = initrdFor(rootfs, utf8('ELF'));
  expect(initrd.subarray(0, 5)).toEqual(rootfs);
  expect(initrd.subarray(5, 8)).toEqual(new Uint8Array(3));
  expect(readCpio(initrd.subarray(8))).toEqual([
    { name: 'sbin/init', mode: modeType.file | 0o755, data: 'ELF' },
    { name: 'usr/bin/docker', mode: modeType.symlink | 0o777, data: '/sbin/init' },
  ]);
});
