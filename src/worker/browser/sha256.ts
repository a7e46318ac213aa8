import { createSHA256 } from 'hash-wasm';
import { portableSha256, type Sha256 } from '../../engine/content/sha256.ts';

/** In WebAssembly: Web Crypto wants all bytes at once, and is not there on a page that came by plain http. */
export async function browserSha256(): Promise<Sha256> {
  try {
    const hash = await createSHA256();
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('binary') };
  } catch {
    return portableSha256();
  }
}
