// pack-disk.ts IMAGE OUTPUT: keeps the blocks of a disk image that are not zero. README.md describes the format.
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const blockSize = 4096;
const headerSize = 20;

function readRecords(image: string): { blockCount: number; records: Buffer[] } {
  const file = openSync(image, 'r');
  const blockCount = fstatSync(file).size / blockSize;
  const zero = Buffer.alloc(blockSize);
  const records: Buffer[] = [];
  for (let index = 0; index < blockCount; index++) {
    const record = Buffer.alloc(4 + blockSize);
    record.writeUInt32LE(index);
    readSync(file, record, 4, blockSize, index * blockSize);
    if (!zero.equals(record.subarray(4))) records.push(record);
  }
  closeSync(file);
  return { blockCount, records };
}

function header(blockCount: number, recordCount: number): Buffer {
  const bytes = Buffer.alloc(headerSize);
  bytes.write('DRYDISK1', 'latin1');
  bytes.writeUInt32LE(blockSize, 8);
  bytes.writeUInt32LE(blockCount, 12);
  bytes.writeUInt32LE(recordCount, 16);
  return bytes;
}

const [image, output] = process.argv.slice(2);
if (image === undefined || output === undefined) throw new Error('usage: pack-disk.ts IMAGE OUTPUT');
const { blockCount, records } = readRecords(image);
writeFileSync(output, gzipSync(Buffer.concat([header(blockCount, records.length), ...records]), { level: 9 }));
console.log(`${output}: ${records.length} of ${blockCount} blocks are not zero`);
