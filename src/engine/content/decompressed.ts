import { concatBytes } from '../../base/bytes.ts';
import type { ByteSource } from '../../base/streams.ts';

/** First bytes of what Docker unpacks (pkg/archive, compression.DetectCompression). */
const magics = {
  gzip: [0x1f, 0x8b, 0x08],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
} as const;
const longest = 6;

export type Packing = 'none' | keyof typeof magics;

export function packingOfBytes(head: Uint8Array): Packing {
  for (const [kind, magic] of names) if (magic.every((byte, at) => head[at] === byte)) return kind;
  return 'none';
}

const names = [
  ['gzip', magics.gzip],
  ['bzip2', magics.bzip2],
  ['xz', magics.xz],
  ['zstd', magics.zstd],
] as const;

/** An archive as it is, or unpacked; read no further ahead than its first bytes. */
export async function decompressed(source: ByteSource, inflate: (source: ByteSource) => ByteSource): Promise<ByteSource> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < longest) {
    const piece = await source.read();
    if (piece === null) break;
    pieces.push(piece);
    size += piece.length;
  }
  const head = concatBytes(pieces);
  let first: Uint8Array | null = head;
  const whole: ByteSource = {
    read() {
      if (first === null || first.length === 0) return source.read();
      const now = first;
      first = null;
      return Promise.resolve(now);
    },
    cancel: (reason) => source.cancel(reason),
  };
  return unpacked(packingOfBytes(head), whole, inflate);
}

/** What some packing made, as it is read. @throws AppError invalid, when it is read, for what is damaged */
export async function unpacked(packing: Packing, source: ByteSource, inflate: (source: ByteSource) => ByteSource): Promise<ByteSource> {
  if (packing === 'none') return source;
  if (packing === 'gzip') return inflate(source);
  if (packing === 'zstd') return (await import('./zstd.ts')).unzstd(source);
  if (packing === 'bzip2') return (await import('./bzip2.ts')).unbzip2(source);
  return (await import('./xz.ts')).unxz(source);
}
