import { ownValue } from '../../base/record.ts';
import { AppError } from '../../base/errors.ts';
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

/** containerd/platforms, database.go. */
const systems = [
  'aix',
  'android',
  'darwin',
  'dragonfly',
  'freebsd',
  'illumos',
  'ios',
  'js',
  'linux',
  'netbsd',
  'openbsd',
  'plan9',
  'solaris',
  'windows',
];
const known = [
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips',
  'mipsle',
  'mips64',
  'mips64le',
  'ppc',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
];

function architectureOf(name: string): string {
  return ownValue(architectures, name) ?? name;
}

/** "linux/386", "amd64", "linux"; '' is the guest's own. @throws AppError invalid */
export function parsePlatform(text: string, own: Platform): Platform {
  if (text === '') return own;
  const parts = text.toLowerCase().split('/');
  const refused = (why: string): AppError => new AppError('invalid', `"${text}": ${why}: invalid argument`);
  if (parts.length > 3) throw refused('cannot parse platform specifier');
  const wrong = parts.find((part) => !/^[a-z0-9_.-]+$/.test(part));
  if (wrong !== undefined)
    throw refused(`"${wrong}" is an invalid component of "${text}": platform specifier component must match "^[A-Za-z0-9_.-]+$"`);
  const [first = '', second, variant] = parts;
  if (second === undefined) {
    if (systems.includes(first)) return { ...own, os: first };
    const architecture = architectureOf(first);
    if (!known.includes(architecture)) throw refused('unknown operating system or architecture');
    return { os: own.os, architecture };
  }
  return { os: first, architecture: architectureOf(second), ...(variant === undefined ? {} : { variant }) };
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
