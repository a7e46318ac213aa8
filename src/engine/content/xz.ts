/** "The .xz File Format" 1.1.0: streams of blocks, each LZMA2 with a checksum, and an index of them. */
import { AppError } from '../../base/errors.ts';
import { createPace, type Pace } from '../../base/pace.ts';
import type { ByteSource } from '../../base/streams.ts';
import { crc32, Crc32, Crc64 } from './checksums.ts';
import { corrupt, Dictionary, LzmaDecoder } from './lzma.ts';
import { decodedSource, PackedBytes } from './packed-bytes.ts';
import { portableSha256, type Sha256 } from './sha256.ts';

/** Memory for what may be referred back to: twice what `xz -9` asks for. */
const largestDictionary = 128 * 1024 * 1024;
const streamMagic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const lzma2 = 0x21;
const headerBytes = 12;

/** Out of xz, as it is read; streams behind one another are one. @throws AppError invalid for what is damaged, in the words of `xz`; exhausted for a dictionary that is too large */
export function unxz(source: ByteSource): ByteSource {
  return decodedSource(new PackedBytes(source, unexpectedEnd), decode);
}

function unexpectedEnd(): AppError {
  return new AppError('invalid', 'exit status 1: xz: (stdin): Unexpected end of input');
}

function unsupported(): AppError {
  return new AppError('invalid', 'exit status 1: xz: (stdin): Unsupported options');
}

/** What the blocks of a stream came to, which the index has to say, too. */
interface Totals {
  blocks: number;
  packed: number;
  plain: number;
}

async function* decode(packed: PackedBytes): AsyncGenerator<Uint8Array, void> {
  const pace = createPace();
  for (let first = true; first || (await skipPadding(packed)); first = false) yield* decodeStream(packed, pace);
}

/** Zeros between streams, four at a time. @returns whether another stream follows */
async function skipPadding(packed: PackedBytes): Promise<boolean> {
  while (await packed.has(1)) {
    if (packed.ahead[0] !== 0) return true;
    if ((await packed.take(4)).some((byte) => byte !== 0)) throw corrupt();
  }
  return false;
}

async function* decodeStream(packed: PackedBytes, pace: Pace): AsyncGenerator<Uint8Array, void> {
  const header = (await packed.take(headerBytes)).slice();
  if (streamMagic.some((byte, index) => header[index] !== byte)) throw corrupt();
  checkSum(header.subarray(6, 8), header.subarray(8));
  const [zero = 0, check = 0] = header.subarray(6);
  if (zero !== 0 || check > 15) throw unsupported();
  const totals: Totals = { blocks: 0, packed: 0, plain: 0 };
  for (;;) {
    const [size = 0] = await packed.take(1);
    if (size === 0) break;
    if (pace.isDue()) await pace.turn();
    yield* decodeBlock(packed, { size, check, totals, pace });
  }
  const indexBytes = await readIndex(packed, totals, pace);
  const footer = (await packed.take(headerBytes)).slice();
  checkSum(footer.subarray(4, 10), footer.subarray(0, 4));
  const isWhole = (littleEndian(footer.subarray(4, 8)) + 1) * 4 === indexBytes && footer[8] === zero && footer[9] === check;
  if (!isWhole || footer[10] !== 0x59 || footer[11] !== 0x5a) throw corrupt();
}

function checkSum(bytes: Uint8Array, expected: Uint8Array): void {
  if (crc32(bytes) !== littleEndian(expected)) throw corrupt();
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, index) => sum + byte * 256 ** index, 0);
}

/** Bytes of a checksum by its kind (2.1.1.2). */
function checkBytes(check: number): number {
  return check === 0 ? 0 : 4 * 2 ** Math.floor((check - 1) / 3);
}

/** Those that `xz` knows; others are skipped, as it does with a warning. */
async function checkOf(check: number): Promise<Sha256 | null> {
  if (check === 1) return new Crc32();
  if (check === 4) return new Crc64();
  return check === 10 ? portableSha256() : null;
}

interface BlockPlace {
  /** First byte of its header. */
  readonly size: number;
  readonly check: number;
  readonly totals: Totals;
  readonly pace: Pace;
}

async function* decodeBlock(packed: PackedBytes, { size, check, totals, pace }: BlockPlace): AsyncGenerator<Uint8Array, void> {
  const header = new Uint8Array((size + 1) * 4);
  header[0] = size;
  header.set(await packed.take(header.length - 1), 1);
  checkSum(header.subarray(0, -4), header.subarray(-4));
  const told = readBlockHeader(header.subarray(1, -4));
  const sum = await checkOf(check);
  const counts = { packed: 0, plain: 0 };
  for await (const piece of decodeChunks(packed, { dictionaryBytes: told.dictionary, counts, pace })) {
    counts.plain += piece.length;
    sum?.update(piece);
    yield piece;
  }
  if ((told.packed ?? counts.packed) !== counts.packed || (told.plain ?? counts.plain) !== counts.plain) throw corrupt();
  const padding = (4 - (counts.packed % 4)) % 4;
  if ((await packed.take(padding)).some((byte) => byte !== 0)) throw corrupt();
  const expected = await packed.take(checkBytes(check));
  const actual = sum?.digest();
  if (actual?.some((byte, index) => byte !== expected[index]) === true) throw corrupt();
  totals.blocks += 1;
  totals.packed += header.length + counts.packed + checkBytes(check);
  totals.plain += counts.plain;
}

interface BlockHeader {
  readonly packed: number | null;
  readonly plain: number | null;
  readonly dictionary: number;
}

/** 3.1, after its first byte. LZMA2 alone is known: nobody packs archives with the filters for programs. */
function readBlockHeader(bytes: Uint8Array): BlockHeader {
  const reader = { bytes, at: 1 };
  const flags = bytes[0] ?? 0;
  if ((flags & 0x3f) !== 0) throw unsupported();
  const packed = (flags & 0x40) === 0 ? null : variable(reader);
  const plain = (flags & 0x80) === 0 ? null : variable(reader);
  const [id, length] = [variable(reader), variable(reader)];
  const bits = bytes[reader.at] ?? 0xff;
  if (id !== lzma2 || length !== 1 || bits > 40) throw unsupported();
  if (bytes.subarray(reader.at + 1).some((byte) => byte !== 0)) throw unsupported();
  const size = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11);
  if (size > largestDictionary) throw new AppError('exhausted', 'xz: the dictionary is larger than this playground can hold');
  return { packed, plain, dictionary: size };
}

/** Seven bits a byte, the least first (1.2). */
function variable(reader: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0;
  for (let index = 0; index < 9; index += 1) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined || (byte === 0 && index > 0)) break;
    value += (byte & 0x7f) * 128 ** index;
    if ((byte & 0x80) === 0) return value;
  }
  throw corrupt();
}

interface ChunksPlace {
  readonly dictionaryBytes: number;
  readonly counts: { packed: number };
  readonly pace: Pace;
}

/** LZMA2's chunks, each told how it begins: https://tukaani.org/xz/xz-file-format.txt, 5.3.1, and liblzma's lzma2_decoder.c. */
async function* decodeChunks(packed: PackedBytes, { dictionaryBytes, counts, pace }: ChunksPlace): AsyncGenerator<Uint8Array, void> {
  const dictionary = new Dictionary(dictionaryBytes);
  const decoder = new LzmaDecoder(dictionary);
  let needs: 'dictionary' | 'properties' | 'nothing' = 'dictionary';
  for (;;) {
    const [control = 0] = await packed.take(1);
    counts.packed += 1;
    if (control === 0) return;
    if (pace.isDue()) await pace.turn();
    if (control === 1 || control >= 0xe0) {
      dictionary.reset();
      decoder.restartPlaces();
      if (needs === 'dictionary') needs = 'properties';
    } else if (needs === 'dictionary' || (control > 2 && control < 0x80)) throw corrupt();
    if (control < 0x80) {
      const [high = 0, low = 0] = await packed.take(2);
      const size = high * 256 + low + 1;
      counts.packed += 2 + size;
      decoder.skipPlaces(size);
      yield* copied(dictionary, await packed.take(size));
      continue;
    }
    const [plainHigh = 0, plainLow = 0, high = 0, low = 0] = await packed.take(4);
    const size = high * 256 + low + 1;
    const plain = (control & 0x1f) * 65_536 + plainHigh * 256 + plainLow + 1;
    counts.packed += 4 + size + (control >= 0xc0 ? 1 : 0);
    if (control >= 0xc0) decoder.setProperties((await packed.take(1))[0] ?? 0xff);
    else if (needs === 'properties') throw corrupt();
    else if (control >= 0xa0) decoder.reset();
    needs = 'nothing';
    for (const piece of decoder.decode(await packed.take(size), plain)) {
      if (pace.isDue()) await pace.turn();
      yield piece;
    }
  }
}

function* copied(dictionary: Dictionary, bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let done = 0; done < bytes.length;) {
    const room = dictionary.room(bytes.length - done);
    dictionary.putAll(bytes.subarray(done, done + room));
    done += room;
    yield dictionary.taken();
  }
}

/** 4: how many blocks there are and their sizes, after its first byte. @returns its bytes */
async function readIndex(packed: PackedBytes, totals: Totals, pace: Pace): Promise<number> {
  const sum = new Crc32();
  let bytes = 0;
  const take = async (count: number): Promise<Uint8Array> => {
    const taken = await packed.take(count);
    sum.update(taken);
    bytes += count;
    return taken;
  };
  sum.update(new Uint8Array(1));
  bytes += 1;
  const number = async (): Promise<number> => {
    const digits: number[] = [];
    for (let more = true; more && digits.length < 9;) {
      const [byte = 0] = await take(1);
      digits.push(byte);
      more = (byte & 0x80) !== 0;
    }
    return variable({ bytes: Uint8Array.from(digits), at: 0 });
  };
  const found: Totals = { blocks: 0, packed: 0, plain: 0 };
  if ((await number()) !== totals.blocks) throw corrupt();
  for (; found.blocks < totals.blocks; found.blocks += 1) {
    if (pace.isDue()) await pace.turn();
    found.packed += await number();
    found.plain += await number();
  }
  if (found.packed !== totals.packed || found.plain !== totals.plain) throw corrupt();
  if ((await take((4 - (bytes % 4)) % 4)).some((byte) => byte !== 0)) throw corrupt();
  const expected = littleEndian(await packed.take(4));
  if (sum.value !== expected) throw corrupt();
  return bytes + 4;
}
