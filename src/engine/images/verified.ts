import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { GrowingBytes } from '../../base/growing-bytes.ts';
import type { ByteSource } from '../../base/streams.ts';
import { portableSha256, type StartSha256 } from './sha256.ts';
import type { Descriptor } from '../registry/oci.ts';

const largestBlob = 1024 * 1024 * 1024;

/** @returns "sha256:…" */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${toHex(sha256(bytes))}`;
}

export interface ReadBlobOptions {
  readonly sha256?: StartSha256;
  /** Bytes so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Reads a blob whole, and only as much of it as its descriptor says.
 * @throws AppError invalid when size or digest differ
 */
export async function readBlob(
  source: ByteSource,
  descriptor: Descriptor,
  { sha256: startSha256 = portableSha256, onProgress }: ReadBlobOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (descriptor.size > largestBlob)
    throw new AppError('exhausted', `${descriptor.digest}: ${descriptor.size} bytes are more than this playground can hold`);
  const blob = new GrowingBytes(descriptor.size, largestBlob, descriptor.digest);
  const hash = await startSha256();
  try {
    for (;;) {
      const chunk = await source.read();
      if (chunk === null) break;
      if (blob.length + chunk.length > descriptor.size) throw mismatch(descriptor, `more than ${descriptor.size} bytes`);
      blob.push(chunk);
      hash.update(chunk);
      onProgress?.(blob.length);
    }
  } catch (thrown) {
    source.cancel(thrown);
    throw thrown;
  }
  if (blob.length !== descriptor.size) throw mismatch(descriptor, `${blob.length} of ${descriptor.size} bytes`);
  const actual = `sha256:${toHex(hash.digest())}`;
  if (actual !== descriptor.digest) throw mismatch(descriptor, actual);
  return blob.bytes();
}

function mismatch({ digest }: Descriptor, found: string): AppError {
  return new AppError('invalid', `filesystem layer verification failed for digest ${digest}: got ${found}`);
}
