import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { decodeKind, decodeRecord, encodeFrame, encodeKind, encodeRecord, FrameDecoder, type Frame } from './agent-codec.ts';
import { frameHeaderBytes, frameType, maxPayloadBytes, maxRecordBytes, recordTables, type RecordName, type RecordTable } from './agent.ts';

const names = Object.keys(recordTables).filter((name): name is RecordName => Object.hasOwn(recordTables, name));
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));

function arbitraryRecord(name: RecordName): fc.Arbitrary<Record<string, unknown>> {
  const table: RecordTable = recordTables[name];
  const nested = (of: string | undefined) => {
    const found = names.find((candidate) => candidate === of);
    if (found === undefined) throw new Error(`no record ${of}`);
    return arbitraryRecord(found);
  };
  const fields = Object.entries(table).map(([key, { type, of }]): [string, fc.Arbitrary<unknown>] => {
    switch (type) {
      case 'u32':
        return [key, fc.integer({ min: 0, max: 0xffff_ffff })];
      case 'u64':
        return [key, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })];
      case 'string':
        return [key, text];
      case 'bytes':
        return [key, fc.uint8Array()];
      case 'strings':
        return [key, fc.array(text)];
      case 'records':
        return [key, fc.array(nested(of), { maxLength: 3 })];
      case 'record':
        return [key, nested(of)];
    }
  });
  return fc.record(Object.fromEntries(fields));
}

const arbitraryFrame: fc.Arbitrary<Frame> = fc.record({
  type: fc.integer({ min: 0, max: 255 }).filter((type) => type !== frameType.part),
  stream: fc.integer({ min: 0, max: 0xffff_ffff }),
  lane: fc.integer({ min: 0, max: 255 }),
  payload: fc.uint8Array({ maxLength: 300 }),
});

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return pieces;
}

describe('records', () => {
  test.each(names)('%s comes back as it was encoded', (name) => {
    fc.assert(
      fc.property(arbitraryRecord(name), (record) => {
        expect(decodeRecord(name, encodeRecord(name, record))).toEqual(record);
      }),
      { numRuns: 40 },
    );
  });

  test.each(names)('%s of nothing has every field', (name) => {
    expect(Object.keys(decodeRecord(name, new Uint8Array(0)))).toEqual(Object.keys(recordTables[name]));
  });

  test('garbage either decodes or is invalid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 200 }), (name, bytes) => {
        try {
          decodeRecord(name, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ kind: 'invalid' });
        }
      }),
    );
  });

  test('a cut record is invalid', () => {
    const bytes = encodeRecord('started', { pid: 7 });
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeRecord('started', bytes.subarray(0, length))).toThrow(expect.objectContaining({ kind: 'invalid' }));
    }
  });

  test('a tag that the table does not have is skipped', () => {
    const unknown = Uint8Array.of(99, 0, 0, 0, 2, 0, 0, 0, 1, 2);
    expect(decodeRecord('started', concatBytes([unknown, encodeRecord('started', { pid: 7 })]))).toEqual({ pid: 7, uid: 0, gid: 0 });
  });

  test('a string with NUL and numbers out of range are refused', () => {
    expect(() => encodeRecord('mount', { source: 'a\0b' })).toThrow(/mount.source/);
    expect(() => encodeRecord('started', { pid: -1 })).toThrow(/started.pid/);
    expect(() => encodeRecord('exited', { userMicros: 1n << 64n })).toThrow(/exited.userMicros/);
  });
});

describe('frames', () => {
  test('come back from any cutting of the stream', () => {
    fc.assert(
      fc.property(fc.array(arbitraryFrame), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (frames, sizes) => {
        const decoder = new FrameDecoder();
        const decoded = cut(concatBytes(frames.map(encodeFrame)), sizes).flatMap((piece) => decoder.push(piece));
        expect(decoded).toEqual(frames);
        expect(decoder.pending()).toHaveLength(0);
      }),
    );
  });

  test('garbage is frames, waiting bytes or invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const decoder = new FrameDecoder();
        try {
          const size = decoder.push(bytes).reduce((sum, frame) => sum + encodeFrame(frame).length, 0);
          // Less by the headers of parts that were joined, and by parts that a reset dropped.
          expect(size + decoder.pending().length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid' });
          expect(() => decoder.push(Uint8Array.of(0))).toThrow();
        }
      }),
    );
  });

  test('a payload over the limit is refused on both sides', () => {
    expect(() => encodeFrame({ type: frameType.data, stream: 1, lane: 0, payload: new Uint8Array(maxPayloadBytes + 1) })).toThrow();
    expect(() => encodeFrame({ type: frameType.open, stream: 1, lane: 0, payload: new Uint8Array(maxRecordBytes + 1) })).toThrow();
    expect(() => new FrameDecoder().push(Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow();
  });

  test('another decoder goes on from the pending bytes', () => {
    const bytes = encodeFrame({ type: 3, stream: 5, lane: 1, payload: Uint8Array.of(1, 2, 3) });
    const first = new FrameDecoder();
    expect(first.push(bytes.subarray(0, 13))).toEqual([]);
    const second = new FrameDecoder();
    second.push(first.pending());
    expect(second.push(bytes.subarray(13))).toEqual([{ type: 3, stream: 5, lane: 1, payload: Uint8Array.of(1, 2, 3) }]);
  });

  test('kind and record share a payload', () => {
    expect(decodeKind(encodeKind(0x1234, Uint8Array.of(9)))).toEqual({ kind: 0x1234, record: Uint8Array.of(9) });
    expect(() => decodeKind(Uint8Array.of(1))).toThrow();
  });
});

describe('records that no frame holds', () => {
  const part = (stream: number, payload: Uint8Array) => encodeFrame({ type: frameType.part, stream, lane: 0, payload });
  const splittable = fc.constantFrom(frameType.open, frameType.reply, frameType.note, frameType.close);

  test('come back the same, whatever their size', () => {
    const sizes = [maxPayloadBytes, maxPayloadBytes + 1, 3 * maxPayloadBytes, 3 * maxPayloadBytes + 7, maxRecordBytes];
    for (const size of sizes) {
      const payload = new Uint8Array(size).map((_, index) => (index * 7 + (index >> 9)) & 0xff);
      const frame: Frame = { type: frameType.open, stream: 3, lane: 0, payload };
      const bytes = encodeFrame(frame);
      expect(bytes.length).toBe(size + Math.ceil(size / maxPayloadBytes) * frameHeaderBytes);
      const decoder = new FrameDecoder();
      const [decoded, ...more] = cut(bytes, [100_000]).flatMap((piece) => decoder.push(piece));
      expect(more).toEqual([]);
      expect(Buffer.compare(decoded?.payload ?? new Uint8Array(), payload)).toBe(0);
      expect(decoded).toMatchObject({ type: frameType.open, stream: 3 });
    }
  });

  test('are the same however they are split, cut and mixed with others', () => {
    const record = fc.record({ type: splittable, pieces: fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 }) });
    const turns = fc.array(fc.nat(), { minLength: 1 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), turns, sizes, (records, order, cuts) => {
        // Each record is its own stream's; the frames of all are dealt out by `order`, with DATA between them.
        const queues = records.map(({ type, pieces }, index) => {
          const stream = 2 * index + 1;
          const last = pieces.at(-1) ?? new Uint8Array(0);
          return [
            ...pieces.slice(0, -1).map((piece) => part(stream, piece)),
            encodeFrame({ type: frameType.data, stream, lane: 1, payload: Uint8Array.of(index) }),
            encodeFrame({ type, stream, lane: 0, payload: last }),
          ];
        });
        const frames: Uint8Array[] = [];
        for (let turn = 0; queues.some((queue) => queue.length > 0); turn++) {
          const waiting = queues.filter((queue) => queue.length > 0);
          const next = waiting[(order[turn % order.length] ?? 0) % waiting.length]?.shift();
          if (next !== undefined) frames.push(next);
        }
        // Half way another decoder goes on from what is pending.
        const segments = cut(concatBytes(frames), cuts);
        const first = new FrameDecoder();
        const half = segments.length >> 1;
        const decoded = segments.slice(0, half).flatMap((segment) => first.push(segment));
        const second = new FrameDecoder();
        decoded.push(...second.push(first.pending()));
        decoded.push(...segments.slice(half).flatMap((segment) => second.push(segment)));
        for (const [index, { type, pieces }] of records.entries()) {
          const stream = 2 * index + 1;
          expect(decoded.filter((frame) => frame.stream === stream)).toEqual([
            { type: frameType.data, stream, lane: 1, payload: Uint8Array.of(index) },
            { type, stream, lane: 0, payload: concatBytes(pieces) },
          ]);
        }
        expect(second.pending()).toHaveLength(0);
      }),
    );
  });

  test('that are cut off by a reset leave nothing behind', () => {
    const decoder = new FrameDecoder();
    expect(decoder.push(part(5, Uint8Array.of(1, 2)))).toEqual([]);
    expect(decoder.pending().length).toBeGreaterThan(0);
    const reset: Frame = { type: frameType.reset, stream: 5, lane: 0, payload: Uint8Array.of(9) };
    expect(decoder.push(encodeFrame(reset))).toEqual([reset]);
    expect(decoder.pending()).toHaveLength(0);
  });

  test('are bounded in all, however small their parts', () => {
    for (const size of [maxPayloadBytes, 0]) {
      const decoder = new FrameDecoder();
      const frames = concatBytes(Array.from({ length: 64 }, (_, index) => part(2 * index + 1, new Uint8Array(size))));
      const flood = (): void => {
        for (let turn = 0; turn < 40_000; turn++) decoder.push(frames);
      };
      expect(flood).toThrow(expect.objectContaining({ kind: 'invalid' }));
    }
  });
});
