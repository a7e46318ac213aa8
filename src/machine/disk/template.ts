import { fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';

const magic = 'DRYDISK1';
const headerBytes = 20;

/** The blocks of a disk that are not zero (kernel/README.md describes the file). */
export interface DiskTemplate {
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly blocks: ReadonlyMap<number, Uint8Array>;
}

/**
 * @param bytes a DRYDISK1 file, gunzipped
 * @throws AppError `invalid`
 */
export function parseDiskTemplate(bytes: Uint8Array): DiskTemplate {
  if (bytes.length < headerBytes || fromUtf8(bytes.subarray(0, magic.length)) !== magic)
    throw new AppError('invalid', 'not a disk template');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blockBytes = view.getUint32(8, true);
  const blockCount = view.getUint32(12, true);
  const recordCount = view.getUint32(16, true);
  if (blockBytes === 0 || blockBytes % 512 !== 0) throw new AppError('invalid', `a disk template with blocks of ${blockBytes} bytes`);
  if (bytes.length !== headerBytes + recordCount * (4 + blockBytes)) throw new AppError('invalid', 'the disk template is cut off');
  const blocks = new Map<number, Uint8Array>();
  for (let offset = headerBytes; offset < bytes.length; offset += 4 + blockBytes) {
    const index = view.getUint32(offset, true);
    if (index >= blockCount) throw new AppError('invalid', `the disk template's block ${index} is beyond its end`);
    blocks.set(index, bytes.subarray(offset + 4, offset + 4 + blockBytes));
  }
  return { blockBytes, blockCount, blocks };
}
