import { randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';

/** @returns the digits: a file's name, so nothing but a digest may become one @throws AppError invalid */
export function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new AppError('invalid', `invalid digest ${digest.slice(0, 80)}`);
  return hex;
}

/** ENOENT and the like; '' for what is no error of the system. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** Names of files that are being written begin so, with the process that writes them. */
export const temporaryName = /^\.tmp-(\d+)-/;

export async function openTemporary(folder: string): Promise<{ readonly path: string; readonly file: FileHandle }> {
  const path = join(folder, `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`);
  return { path, file: await open(path, 'wx', 0o600) };
}

/** Whether a process of this number is there; another user's counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM';
  }
}
