/** Writes `.br` and `.gz` beside the files of a built site, for servers that send such files as they are. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const cache = resolve(import.meta.dirname, '../.cache/compressed');
/** Of a file that a browser asks for; images' layers are compressed already. */
const kinds = new Set(['.html', '.js', '.css', '.json', '.svg', '.wasm', '.bin', '.txt']);
/** What is gained below it is not worth a second file. */
const leastGain = 0.05;

const brotli = (bytes: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
const encodings = [
  { ending: '.br', encode: brotli },
  { ending: '.gz', encode: (bytes: Buffer): Promise<Buffer> => promisify(gzip)(bytes, { level: 9 }) },
] as const;

export interface CompressedSite {
  readonly files: number;
  /** Of the files that were compressed, before and after by the first encoding. */
  readonly bytes: number;
  readonly compressed: number;
}

/** What was compressed once is kept by its hash: brotli takes seconds for v86.wasm. */
export async function compressSite(folder: string): Promise<CompressedSite> {
  await mkdir(cache, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && kinds.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  let [files, bytes, compressed] = [0, 0, 0];
  for (const path of paths) {
    const content = await readFile(path);
    const sizes = await Promise.all(encodings.map(({ ending, encode }) => writeBeside(path, content, ending, encode)));
    if (sizes[0] === undefined || sizes[0] === null) continue;
    files += 1;
    bytes += content.length;
    compressed += sizes[0];
  }
  return { files, bytes, compressed };
}

/** The size of what was written; null when it is not worth it. */
async function writeBeside(
  path: string,
  content: Buffer,
  ending: string,
  encode: (bytes: Buffer) => Promise<Buffer>,
): Promise<number | null> {
  const kept = join(cache, createHash('sha256').update(content).digest('hex') + ending);
  const encoded = await readFile(kept).catch(() => encodeAnew(kept, content, encode));
  if (encoded.length > content.length * (1 - leastGain)) return null;
  await writeFile(path + ending, encoded);
  return encoded.length;
}

async function encodeAnew(kept: string, content: Buffer, encode: (bytes: Buffer) => Promise<Buffer>): Promise<Buffer> {
  const encoded = await encode(content);
  await writeFile(`${kept}.${process.pid}`, encoded);
  await rename(`${kept}.${process.pid}`, kept);
  return encoded;
}
