/** Just enough of a ustar writer for tests: names of up to 100 bytes, pax records on request. */
import { concatBytes, utf8 } from '../../../base/bytes.ts';

export interface TarInput {
  readonly path: string;
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly link?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly data?: Uint8Array | string;
  /** Sent ahead in an extended header. */
  readonly pax?: Readonly<Record<string, Uint8Array | string>>;
}

export function writeTar(entries: readonly TarInput[]): Uint8Array<ArrayBuffer> {
  return concatBytes([...entries.flatMap(parts), new Uint8Array(1024)]);
}

function parts(entry: TarInput): Uint8Array[] {
  const data = bytes(entry.data ?? '');
  const own = [header(entry, data.length), padded(data)];
  if (entry.pax === undefined) return own;
  const records = concatBytes(Object.entries(entry.pax).map(([key, value]) => paxRecord(key, bytes(value))));
  return [header({ path: 'PaxHeaders/x', type: 'x' }, records.length), padded(records), ...own];
}

function header(entry: TarInput, size: number): Uint8Array {
  const block = new Uint8Array(512);
  const put = (text: string, at: number): void => block.set(utf8(text), at);
  const octal = (value: number, at: number, width: number): void => put(value.toString(8).padStart(width - 1, '0'), at);
  put(entry.path, 0);
  octal(entry.mode ?? 0o644, 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(size, 124, 12);
  octal(entry.mtime ?? 0, 136, 12);
  put(entry.type ?? '0', 156);
  put(entry.link ?? '', 157);
  put('ustar', 257);
  put('00', 263);
  octal(entry.major ?? 0, 329, 8);
  octal(entry.minor ?? 0, 337, 8);
  put('        ', 148);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}

function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = concatBytes([utf8(` ${key}=`), value, utf8('\n')]);
  let length = rest.length;
  while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
  return concatBytes([utf8(`${length}`), rest]);
}

function padded(data: Uint8Array): Uint8Array {
  return concatBytes([data, new Uint8Array((512 - (data.length % 512)) % 512)]);
}

function bytes(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? utf8(value) : value;
}
