import { createHash } from 'node:crypto';
import type { Sha256 } from '../../engine/content/sha256.ts';

/** OpenSSL's. */
export function nodeSha256(): Promise<Sha256> {
  const hash = createHash('sha256');
  return Promise.resolve({ update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) });
}
