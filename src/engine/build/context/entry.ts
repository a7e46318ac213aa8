/** A build's files as a tree that never changes, with a checksum of everything in it (in the spirit of moby/buildkit, cache/contenthash). */
import { sha256 } from '@noble/hashes/sha2.js';
import { inByteOrder } from '../../../base/byte-order.ts';
import { toHex, utf8 } from '../../../base/bytes.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';

export type EntryType = Exclude<TarHeader['type'], 'hardlink'>;

/** What stat and readlink say of an entry. Times are in no checksum. */
export interface EntryStat {
  readonly type: EntryType;
  /** Permission bits: 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file; 0 for all others. */
  readonly size: number;
  /** Of a symlink; else ''. */
  readonly target: string;
  /** Of a device; else 0. */
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Its mtime in seconds since the epoch; absent where nobody says. */
  readonly modified?: number;
}

export interface ContextEntry extends EntryStat {
  /** Of a file's bytes, SHA-256 in hex digits; else ''. Two names of one entry object are hard links. */
  readonly content: string;
  /** Of a directory, in byte order of the names; else none. */
  readonly children: ReadonlyMap<string, ContextEntry>;
  /** SHA-256 in hex digits of all that is said here but the name and what is in it. */
  readonly digest: string;
  /** `digest`, and the names and tree digests of what is in it. */
  readonly treeDigest: string;
}

const none: ReadonlyMap<string, ContextEntry> = new Map();

/** @param children in any order */
export function contextEntry(stat: EntryStat, content = '', children: ReadonlyMap<string, ContextEntry> = none): ContextEntry {
  const { type, mode, uid, gid, size, target, major, minor, xattrs } = stat;
  const attributes = [...xattrs].sort(([one], [other]) => inByteOrder(one, other)).map(([name, value]) => [name, toHex(value)]);
  const digest = digestOf([type, mode, uid, gid, size, target, major, minor, attributes, content]);
  const sorted = new Map([...children].sort(([one], [other]) => inByteOrder(one, other)));
  const treeDigest = type === 'directory' ? digestOf([digest, [...sorted].map(([name, child]) => [name, child.treeDigest])]) : digest;
  const time = stat.modified === undefined ? {} : { modified: stat.modified };
  return { type, mode, uid, gid, size, target, major, minor, xattrs, ...time, content, children: sorted, digest, treeDigest };
}

/** SHA-256 in hex digits of a list, as JSON: no two lists are one text. */
export function digestOf(list: readonly unknown[]): string {
  return toHex(sha256(utf8(JSON.stringify(list))));
}
