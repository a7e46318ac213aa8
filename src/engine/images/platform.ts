import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { Descriptor, Platform } from '../registry/oci.ts';

/** GOOS and GOARCH as containerd knows them. */
const knownSystems = 'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
  ' ',
);
const knownArchitectures = (
  '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x ' +
  'sparc sparc64 wasm'
).split(' ');

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
  const parts = text.split('/');
  // As strings.SplitN with 4: what is behind the third is one part, and is looked at first.
  const given = parts.length > 4 ? [...parts.slice(0, 3), parts.slice(3).join('/')] : parts;
  checkComponents(given, text);
  if (given.length > 3) throw invalid(`"${text}": cannot parse platform specifier`);
  const [first = '', second, variant] = given.map((part) => part.toLowerCase());
  if (second === undefined) {
    if (knownSystems.includes(first)) return { ...own, os: first };
    const architecture = ownValue(architectures, first) ?? first;
    if (!knownArchitectures.includes(architecture)) throw invalid(`"${text}": unknown operating system or architecture`);
    return { os: own.os, architecture };
  }
  return { os: first, architecture: ownValue(architectures, second) ?? second, ...(variant === undefined ? {} : { variant }) };
}

/** github.com/containerd/platforms, Parse: an operating system may carry its version in parentheses. */
const systemPattern = '^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$';
const componentPattern = '^[A-Za-z0-9_.-]+$';
const system = new RegExp(systemPattern);
const component = new RegExp(componentPattern);

function checkComponents([os = '', ...others]: readonly string[], text: string): void {
  if (!system.test(os)) {
    const shown = systemPattern.replaceAll('\\', '\\\\');
    throw invalid(`${quote(os)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match "${shown}"`);
  }
  for (const part of others) {
    if (component.test(part)) continue;
    throw invalid(
      `${quote(part)} is an invalid component of ${quote(text)}: platform specifier component must match "${componentPattern}"`,
    );
  }
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function invalid(message: string): AppError {
  return new AppError('invalid', `${message}: invalid argument`);
}

/** @throws AppError not_found where an image is of another platform than asked for, '' is any */
export function checkPlatform(asked: string, name: string, image: Platform): void {
  if (asked === '') return;
  const wanted = parsePlatform(asked, image);
  if (wanted.os === image.os && wanted.architecture === image.architecture) return;
  const why = `its platform (${platformText(image)}) does not match the specified platform (${platformText(wanted)})`;
  throw new AppError('not_found', `image with reference ${name} was found but ${why}`);
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
