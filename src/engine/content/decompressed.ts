import { concatBytes } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';

/** First bytes of what Docker unpacks (pkg/archive, compression.DetectCompression); gzip and zstd are known here. */
const magics = {
  gzip: [0x1f, 0x8b, 0x08],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
} as const;
const longest = 6;

export function packingOfBytes(head: Uint8Array): 'none' | keyof typeof magics {
  for (const [kind, magic] of names) if (magic.every((byte, at) => head[at] === byte)) return kind;
  return 'none';
}

const names = [
  ['gzip', magics.gzip],
  ['bzip2', magics.bzip2],
  ['xz', magics.xz],
  ['zstd', magics.zstd],
] as const;

/** An archive as it is, or out of gzip or zstd; read no further ahead than its first bytes. @throws AppError not_implemented for other compressions */
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
  const kind = packingOfBytes(head);
  if (kind === 'none') return whole;
  if (kind === 'gzip') return inflate(whole);
  if (kind === 'zstd') return (await import('./zstd.ts')).unzstd(whole);
  source.cancel();
  throw new AppError(
    'not_implemented',
    `archives compressed by ${kind} are not unpacked by this engine: send it plain, by gzip or by zstd`,
  );
}
