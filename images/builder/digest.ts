import { createHash } from 'node:crypto';

/** Lower-case hexadecimal SHA-256, without the `sha256:` of an OCI digest. */
export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
