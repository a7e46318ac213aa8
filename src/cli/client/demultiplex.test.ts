import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { sourceOf, type ByteSink } from '../../base/streams.ts';
import { demultiplex } from './demultiplex.ts';

function collector(): { readonly sink: ByteSink; readonly bytes: Uint8Array[] } {
  const bytes: Uint8Array[] = [];
  return {
    bytes,
    sink: { write: async (chunk) => void bytes.push(chunk.slice()), close: () => Promise.resolve(), abort: () => undefined },
  };
}

function frame(stream: number, data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + data.length);
  framed[0] = stream;
  new DataView(framed.buffer).setUint32(4, data.length);
  framed.set(data, 8);
  return framed;
}

describe('demultiplex', () => {
  it('takes the two outputs apart however the bytes are cut', async () => {
    const frames = fc.array(fc.record({ stream: fc.constantFrom(1, 2), data: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 20 }), async (parts, size) => {
        const all = concatBytes(parts.map(({ stream, data }) => frame(stream, data)));
        const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_none, index) => all.slice(index * size, (index + 1) * size));
        const out = collector();
        const err = collector();
        await demultiplex(sourceOf(...chunks), out.sink, err.sink);
        const expected = (stream: number) => concatBytes(parts.filter((part) => part.stream === stream).map((part) => part.data));
        expect(concatBytes(out.bytes)).toEqual(expected(1));
        expect(concatBytes(err.bytes)).toEqual(expected(2));
      }),
    );
  });

  it('ends quietly in the middle of a frame, as a connection that is lost', async () => {
    const out = collector();
    await demultiplex(sourceOf(frame(1, utf8('hello')).slice(0, 10)), out.sink, null);
    expect(fromUtf8(concatBytes(out.bytes))).toBe('he');
  });

  it("fails with the daemon's words and on bytes that are no frame", async () => {
    await expect(demultiplex(sourceOf(frame(3, utf8('boom'))), null, null)).rejects.toThrow('error from daemon in stream: boom');
    await expect(demultiplex(sourceOf(utf8('plain text')), null, null)).rejects.toThrow('Unrecognized input header: 112');
  });
});
