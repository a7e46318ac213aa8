import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { Sha256 } from './sha256.ts';
import type { Descriptor } from '../registry/oci.ts';

export const largestBlob = 1024 * 1024 * 1024;

/** @returns "sha256:…" */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${toHex(sha256(bytes))}`;
}

/** @throws AppError exhausted */
export function checkSize({ digest, size }: Descriptor, limit = largestBlob): void {
  if (size > limit) throw new AppError('exhausted', `${digest}: ${size} bytes are more than this playground can hold`);
}

/**
 * The bytes of a source, which rejects `invalid` unless they are what the descriptor says, size and digest: before its end, so that who writes them down
 * knows that they are right. No more is read than the descriptor says.
 * @param options.onProgress bytes so far
 */
export function verified(
  source: ByteSource,
  descriptor: Descriptor,
  { hash, onProgress }: { readonly hash: Sha256; readonly onProgress?: (bytes: number) => void },
): ByteSource {
  let length = 0;
  let isOver = false;
  const refuse = (found: string): never => {
    const error = new AppError('invalid', `filesystem layer verification failed for digest ${descriptor.digest}: got ${found}`);
    source.cancel(error);
    throw error;
  };
  return {
    async read() {
      // Who reads on is told again that there is no more; the digest is made once.
      if (isOver) return null;
      const chunk = await source.read();
      if (chunk === null) {
        if (length !== descriptor.size) refuse(`${length} of ${descriptor.size} bytes`);
        const actual = `sha256:${toHex(hash.digest())}`;
        if (actual !== descriptor.digest) refuse(actual);
        isOver = true;
        return null;
      }
      length += chunk.length;
      if (length > descriptor.size) refuse(`more than ${descriptor.size} bytes`);
      hash.update(chunk);
      onProgress?.(length);
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
}
