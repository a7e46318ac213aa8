import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { SparseDisk } from './sparse-disk.ts';
import { parseDiskTemplate } from './template.ts';

const blockBytes = 512;

function u32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

function templateBytes(blockCount: number, blocks: readonly (readonly [index: number, fill: number])[]): Uint8Array {
  const records = blocks.flatMap(([index, fill]) => [u32(index), new Uint8Array(blockBytes).fill(fill)]);
  return concatBytes([utf8('DRYDISK1'), u32(blockBytes, blockCount, blocks.length), ...records]);
}

const sample = templateBytes(16, [
  [0, 1],
  [3, 4],
]);

describe('a template', () => {
  test('has its blocks and zeros elsewhere', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    expect(disk.byteLength).toBe(16 * blockBytes);
    expect(disk.read(blockBytes - 1, 2)).toEqual(Uint8Array.of(1, 0));
    expect(disk.read(3 * blockBytes, 1)).toEqual(Uint8Array.of(4));
  });

  test('that is damaged is refused', () => {
    expect(() => parseDiskTemplate(utf8('DRYDISK2'))).toThrow(/not a disk template/);
    expect(() => parseDiskTemplate(sample.subarray(0, sample.length - 1))).toThrow(/cut off/);
    expect(() => parseDiskTemplate(templateBytes(2, [[2, 1]]))).toThrow(/beyond its end/);
    expect(() => parseDiskTemplate(concatBytes([utf8('DRYDISK1'), u32(100, 1, 0)]))).toThrow(/100 bytes/);
  });
});

describe('a sparse disk', () => {
  test('reads back what was written, as one array of bytes does', () => {
    const write = fc.record({
      offset: fc.integer({ min: 0, max: 16 * blockBytes - 1 }),
      data: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
        const disk = new SparseDisk(parseDiskTemplate(sample));
        const model = disk.read(0, disk.byteLength);
        for (const { offset, data } of writes) {
          const fitting = data.subarray(0, disk.byteLength - offset);
          disk.write(offset, fitting);
          model.set(fitting, offset);
        }
        expect(disk.read(0, disk.byteLength)).toEqual(model);
      }),
      { numRuns: 50 },
    );
  });

  test('saves the blocks that were written and no others', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    disk.set(5 * blockBytes + 7, utf8('hello'), () => undefined);
    disk.set(3 * blockBytes, Uint8Array.of(9), () => undefined);
    const [, indices, blocks] = disk.get_state();
    expect([...indices]).toEqual([3, 5]);
    expect(blocks).toHaveLength(2 * blockBytes);
    expect(disk.writtenBytes).toBe(2 * blockBytes);

    const restored = new SparseDisk(parseDiskTemplate(sample));
    restored.write(0, Uint8Array.of(77));
    restored.set_state(disk.get_state());
    expect(restored.read(0, disk.byteLength)).toEqual(disk.read(0, disk.byteLength));
  });

  test('leaves the template alone', () => {
    const template = parseDiskTemplate(sample);
    new SparseDisk(template).write(0, Uint8Array.of(99));
    expect(new SparseDisk(template).read(0, 1)).toEqual(Uint8Array.of(1));
  });

  test('answers at once and refuses what is beyond its end', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    const seen: number[] = [];
    disk.get(0, 2, (data) => seen.push(data.length));
    expect(seen).toEqual([2]);
    expect(() => disk.read(disk.byteLength - 1, 2)).toThrow(/beyond the end/);
    expect(() => disk.write(disk.byteLength, Uint8Array.of(1))).toThrow(/beyond the end/);
  });

  test('keeps nothing for zeros that are written where zeros are', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    disk.write(5 * blockBytes, new Uint8Array(3 * blockBytes));
    expect(disk.writtenBytes).toBe(0);
    disk.write(0, new Uint8Array(10));
    expect(disk.read(9, 2)).toEqual(Uint8Array.of(0, 1));
  });

  test('gives back what a TRIM frees, which reads as zeros, also in a state', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    disk.write(0, new Uint8Array(8 * blockBytes).fill(7));
    trim(disk, [
      [4, 2],
      [3, 1],
      [0, 0],
    ]);
    expect(disk.read(3 * blockBytes, 3 * blockBytes)).toEqual(new Uint8Array(3 * blockBytes));
    expect(disk.read(6 * blockBytes, 1)).toEqual(Uint8Array.of(7));
    // Block 3 is one of the template's: that it is zero has to be kept.
    expect(disk.writtenBytes).toBe(6 * blockBytes);
    const restored = new SparseDisk(parseDiskTemplate(sample));
    restored.set_state(disk.get_state());
    expect(restored.read(0, disk.byteLength)).toEqual(disk.read(0, disk.byteLength));
  });

  test('takes a TRIM that a state was saved in the middle of, and one beyond its end', () => {
    const disk = new SparseDisk(parseDiskTemplate(sample));
    disk.write(5 * blockBytes, Uint8Array.of(7));
    disk.expectRanges();
    const restored = new SparseDisk(parseDiskTemplate(sample));
    restored.set_state(disk.get_state());
    restored.set(
      0,
      ranges([
        [5, 65535],
        [2 ** 33, 9],
      ]),
      () => undefined,
    );
    expect(restored.writtenBytes).toBe(0);
    restored.set(5 * blockBytes, Uint8Array.of(8), () => undefined);
    expect(restored.read(5 * blockBytes, 1)).toEqual(Uint8Array.of(8));
  });
});

function ranges(entries: readonly (readonly [first: number, count: number])[]): Uint8Array {
  const list = new DataView(new ArrayBuffer(512));
  entries.forEach(([first, count], index) => list.setBigUint64(8 * index, BigInt(first) | (BigInt(count) << 48n), true));
  return new Uint8Array(list.buffer);
}

function trim(disk: SparseDisk, entries: readonly (readonly [first: number, count: number])[]): void {
  disk.expectRanges();
  disk.set(0, ranges(entries), () => undefined);
}
