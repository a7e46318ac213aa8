import { sha256 } from '@noble/hashes/sha2.js';

/** SHA-256 of bytes that come piece by piece. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** 32 bytes; once. */
  digest(): Uint8Array;
}

/** Given from outside, where the host has a quick one: hashing in JavaScript alone is a second of the pull of python:3.11-slim. */
export type StartSha256 = () => Promise<Sha256>;

export const portableSha256: StartSha256 = () => {
  const hash = sha256.create();
  return Promise.resolve({ update: (bytes) => void hash.update(bytes), digest: () => hash.digest() });
};
