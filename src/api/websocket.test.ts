import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { createPipe, sourceOf, type Duplex } from '../base/streams.ts';
import { webSocketDuplex, webSocketHeaders } from './websocket.ts';

/** Of RFC 6455, 1.3. */
const handshake = {
  host: 'server.example.com',
  upgrade: 'websocket',
  connection: 'keep-alive, Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

describe('the opening handshake', () => {
  it('is answered as in the example of RFC 6455', () => {
    expect(webSocketHeaders(handshake)).toEqual({
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    });
    expect(() => webSocketHeaders({ ...handshake, origin: 'http://server.example.com' })).not.toThrow();
  });

  it.each([
    [{ upgrade: 'tcp' }, 'not websocket protocol'],
    [{ connection: 'close' }, 'not websocket protocol'],
    [{ 'sec-websocket-version': '8' }, 'missing or bad WebSocket Version'],
    [{ 'sec-websocket-key': 'short' }, 'mismatch challenge/response'],
    [{ origin: 'http://evil.example.com' }, 'a WebSocket of another origin is refused'],
    [{ origin: 'null' }, 'a WebSocket of another origin is refused'],
  ])('is refused with %o', (changed, words) => {
    expect(() => webSocketHeaders({ ...handshake, ...changed })).toThrow(words);
  });
});

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** A client's frame. */
function frame(code: number, payload: Uint8Array, { fin = true, mask = key }: { fin?: boolean; mask?: Uint8Array } = {}): Uint8Array {
  const length = payload.length;
  const long = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 0xff];
  return concatBytes([Uint8Array.of((fin ? 0x80 : 0) | code, ...long), mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

interface Talk {
  readonly read: string;
  readonly failed: string;
  readonly written: Uint8Array;
}

/** All that comes of what a client sent. */
async function talk(sent: readonly Uint8Array[], text = false): Promise<Talk> {
  const answers = createPipe(1 << 20);
  const chunks = sent.filter((chunk) => chunk.length > 0);
  const source = sourceOf(...chunks);
  const socket: Duplex = webSocketDuplex({ source, sink: answers.sink }, text);
  const parts: Uint8Array[] = [];
  let failed = '';
  try {
    for (let part = await socket.source.read(); part !== null; part = await socket.source.read()) parts.push(part);
  } catch (error) {
    failed = error instanceof Error ? error.message : 'no error';
  }
  await answers.sink.close();
  const written: Uint8Array[] = [];
  for (let part = await answers.source.read(); part !== null; part = await answers.source.read()) written.push(part);
  return { read: fromUtf8(concatBytes(parts)), failed, written: concatBytes(written) };
}

describe('frames', () => {
  it('carry the same bytes however the connection cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.string({ maxLength: 300 }))),
        fc.integer({ min: 1, max: 50 }),
        async (frames, size) => {
          const bytes = concatBytes(frames.map(([code, text]) => frame(code, utf8(text))));
          const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
          const { read, failed } = await talk(cut);
          expect([read, failed]).toEqual([frames.map(([, text]) => text).join(''), '']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('may be fragments, with a ping between them that is answered', async () => {
    const sent = [frame(2, utf8('a'), { fin: false }), frame(9, utf8('ping')), frame(0, utf8('b'))];
    expect(await talk(sent)).toEqual({ read: 'ab', failed: '', written: concatBytes([Uint8Array.of(0x8a, 4), utf8('ping')]) });
  });

  it('that close are answered once, and the connection is as one that broke', async () => {
    const { read, failed, written } = await talk([frame(2, utf8('x')), frame(8, Uint8Array.of(3, 232)), frame(8, Uint8Array.of(3, 232))]);
    expect([read, failed, [...written]]).toEqual(['x', 'the client closed the WebSocket', [0x88, 2, 3, 232]]);
  });

  it.each([
    ['that are not masked', Uint8Array.of(0x82, 1, 65)],
    ['with reserved bits', concatBytes([Uint8Array.of(0xc2, 0x80), key])],
    ['of no known kind', frame(5, new Uint8Array(0))],
    ['that are pings in fragments', frame(9, new Uint8Array(0), { fin: false })],
    ['that are pings of 200 bytes', frame(9, new Uint8Array(200))],
    ['longer than can be counted', concatBytes([Uint8Array.of(0x82, 0xff), new Uint8Array(8).fill(0xff), key])],
  ])('%s end it as a protocol error', async (_, sent) => {
    expect(await talk([sent])).toEqual({ read: '', failed: 'malformed WebSocket frame', written: Uint8Array.of(0x88, 2, 3, 234) });
  });

  it('of any length are never kept whole', async () => {
    const head = concatBytes([Uint8Array.of(0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0), key]);
    const pieces = [head, new Uint8Array(5), new Uint8Array(7)];
    const { read, failed } = await talk(pieces);
    expect([read.length, failed]).toEqual([12, 'the connection ended within a WebSocket frame']);
  });

  it('are written as long as they are, of bytes or of text', async () => {
    for (const [text, code] of [
      [false, 0x82],
      [true, 0x81],
    ] as const) {
      for (const [length, head] of [
        [125, [code, 125]],
        [126, [code, 126, 0, 126]],
        [0x1_0000, [code, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
      ] as const) {
        const pipe = createPipe(1 << 20);
        const { sink } = webSocketDuplex({ source: sourceOf(), sink: pipe.sink }, text);
        await sink.write(new Uint8Array(length));
        const written = await pipe.source.read();
        expect([written?.length, [...(written ?? []).slice(0, head.length)]]).toEqual([head.length + length, [...head]]);
      }
    }
  });
});
