/** The little of an i386 ELF file that decides whether it can start: elf(5). */

export interface Elf {
  /** e_machine: 3 is EM_386. */
  readonly machine: number;
  /** The program interpreter, without leading slash. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED: names of libraries. */
  readonly needed: readonly string[];
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

function text(data: Buffer, offset: number): string {
  return data.subarray(offset, data.indexOf(0, offset)).toString('latin1');
}

function readSegments(data: Buffer): Segment[] {
  const start = data.readUInt32LE(28);
  const entrySize = data.readUInt16LE(42);
  return Array.from({ length: data.readUInt16LE(44) }, (_, index) => {
    const at = start + index * entrySize;
    return {
      type: data.readUInt32LE(at),
      offset: data.readUInt32LE(at + 4),
      address: data.readUInt32LE(at + 8),
      size: data.readUInt32LE(at + 16),
    };
  });
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const holder = segments.find((item) => item.type === PT_LOAD && address >= item.address && address < item.address + item.size);
  if (holder === undefined) throw new Error('an address outside every segment');
  return address - holder.address + holder.offset;
}

function readDynamic(data: Buffer, segment: Segment): [tag: number, value: number][] {
  return Array.from({ length: segment.size / 8 }, (_, index) => [
    data.readUInt32LE(segment.offset + index * 8),
    data.readUInt32LE(segment.offset + index * 8 + 4),
  ]);
}

/** Undefined for what is not an ELF file; throws for one that is not 32-bit little-endian. */
export function readElf(data: Buffer): Elf | undefined {
  if (data.length < 52 || data.readUInt32BE(0) !== 0x7f454c46) return undefined;
  if (data[4] !== 1 || data[5] !== 1) throw new Error('not a 32-bit little-endian ELF file');
  const segments = readSegments(data);
  const interpreter = segments.find((item) => item.type === PT_INTERP);
  const segment = segments.find((item) => item.type === PT_DYNAMIC);
  const dynamic = segment === undefined ? [] : readDynamic(data, segment);
  const strings = dynamic.find(([tag]) => tag === DT_STRTAB)?.[1];
  return {
    machine: data.readUInt16LE(18),
    interpreter: interpreter && text(data, interpreter.offset).slice(1),
    needed: dynamic.filter(([tag]) => tag === DT_NEEDED).map(([, value]) => text(data, fileOffset(segments, strings ?? 0) + value)),
  };
}
