import { AppError } from '../base/errors.ts';
import { apiVersion, minApiVersion } from '../protocol/engine-api.ts';

/** Compares "1.9" and "1.24" by their numbers. @returns below, at or above zero */
export function compareVersions(one: string, other: string): number {
  const left = one.split('.').map(Number);
  const right = other.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isTooOld(version: string): boolean {
  return compareVersions(version, minApiVersion) < 0;
}

/** Moby's version middleware. @throws AppError invalid */
export function checkVersion(version: string): void {
  if (isTooOld(version)) {
    throw new AppError(
      'invalid',
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, please upgrade your client to a newer version`,
    );
  }
  if (compareVersions(version, apiVersion) > 0) {
    throw new AppError('invalid', `client version ${version} is too new. Maximum supported API version is ${apiVersion}`);
  }
}

/** Splits "/v1.50/info" in version and path; a path without a version is of the newest. */
export function splitVersion(path: string): { readonly version: string; readonly path: string } {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  return match === null ? { version: apiVersion, path } : { version: match[1] ?? apiVersion, path: match[2] ?? '/' };
}
