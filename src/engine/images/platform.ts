import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { Descriptor, Platform } from '../registry/oci.ts';

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  i386: '386',
  i486: '386',
  i586: '386',
  i686: '386',
  aarch64: 'arm64',
};

/** "linux/386", "amd64", "linux"; '' is the guest's own. @throws AppError invalid */
export function parsePlatform(text: string, own: Platform): Platform {
  if (text === '') return own;
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part)))
    throw new AppError('invalid', `"${text}": unknown operating system or architecture: invalid argument`);
  const [first = '', second, variant] = parts;
  if (second === undefined) return first === own.os ? own : { os: own.os, architecture: ownValue(architectures, first) ?? first };
  return { os: first, architecture: ownValue(architectures, second) ?? second, ...(variant === undefined ? {} : { variant }) };
}

export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** The entry for a platform; one that does not say its platform fits. @throws AppError not_found */
export function choosePlatform(descriptors: readonly Descriptor[], wanted: Platform): Descriptor {
  const found = descriptors.find(
    ({ platform }) => platform === undefined || (platform.os === wanted.os && platform.architecture === wanted.architecture),
  );
  if (found === undefined) throw new AppError('not_found', `no matching manifest for ${platformText(wanted)} in the manifest list entries`);
  return found;
}
