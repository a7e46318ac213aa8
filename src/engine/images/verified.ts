import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { GrowingBytes } from '../../base/growing-bytes.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { Descriptor } from '../registry/oci.ts';

const largestBlob = 1024 * 1024 * 1024;

/** @returns "sha256:…" */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${toHex(sha256(bytes))}`;
}

/** Web Crypto is not there on a page served by plain http, so the hash is computed here, piece by piece. */
export function startDigest(): { update(bytes: Uint8Array): void; finish(): string } {
  const hash = sha256.create();
  return { update: (bytes) => void hash.update(bytes), finish: () => `sha256:${toHex(hash.digest())}` };
}

/**
 * Reads a blob whole, and only as much of it as its descriptor says.
 * @param onProgress bytes so far
 * @throws AppError invalid when size or digest differ
 */
export async function readBlob(
  source: ByteSource,
  descriptor: Descriptor,
  onProgress?: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (descriptor.size > largestBlob)
    throw new AppError('exhausted', `${descriptor.digest}: ${descriptor.size} bytes are more than this playground can hold`);
  const blob = new GrowingBytes(descriptor.size, largestBlob, descriptor.digest);
  const digest = startDigest();
  try {
    for (;;) {
      const chunk = await source.read();
      if (chunk === null) break;
      if (blob.length + chunk.length > descriptor.size) throw mismatch(descriptor, `more than ${descriptor.size} bytes`);
      blob.push(chunk);
      digest.update(chunk);
      onProgress?.(blob.length);
    }
  } catch (thrown) {
    source.cancel(thrown);
    throw thrown;
  }
  if (blob.length !== descriptor.size) throw mismatch(descriptor, `${blob.length} of ${descriptor.size} bytes`);
  const actual = digest.finish();
  if (actual !== descriptor.digest) throw mismatch(descriptor, actual);
  return blob.bytes();
}

function mismatch({ digest }: Descriptor, found: string): AppError {
  return new AppError('invalid', `filesystem layer verification failed for digest ${digest}: got ${found}`);
}
