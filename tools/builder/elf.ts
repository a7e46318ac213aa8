/** What the loader reads of a program (elf(5)): enough of it to know which libraries it needs. i386 only. */

const sectionHeaderBytes = 40;
const dynamicSection = 6;
const needed = 1;

/** The names of the shared libraries that a program or library needs (DT_NEEDED); none for what is no ELF file. */
export function neededLibraries(data: Buffer): string[] {
  if (data.length < 52 || data.toString('latin1', 0, 4) !== '\x7fELF') return [];
  if (data[4] !== 1) throw new Error('not a program for i386');
  const start = data.readUInt32LE(32);
  const count = data.readUInt16LE(48);
  for (let index = 0; index < count; index++) {
    const header = start + index * sectionHeaderBytes;
    if (data.readUInt32LE(header + 4) !== dynamicSection) continue;
    const offset = data.readUInt32LE(header + 16);
    const size = data.readUInt32LE(header + 20);
    const strings = data.readUInt32LE(start + data.readUInt32LE(header + 24) * sectionHeaderBytes + 16);
    return [...dynamicNames(data, offset, size, strings)];
  }
  return [];
}

function* dynamicNames(data: Buffer, offset: number, size: number, strings: number): Generator<string> {
  for (let at = offset; at < offset + size; at += 8) {
    if (data.readInt32LE(at) !== needed) continue;
    const name = strings + data.readUInt32LE(at + 4);
    yield data.toString('latin1', name, data.indexOf(0, name));
  }
}
