import { ownValue } from '../../base/record.ts';
import { StatusError } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';

/** GOOS and GOARCH of the client and of the guest. */
const ownSystem = 'linux';
const ownArchitecture = '386';

const systems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(' '),
);
const architectures = new Set(
  `386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x
  sparc sparc64 wasm`.split(/\s+/),
);

/** What an architecture is called besides, and the variant that this says, whatever else is said; null leaves it. */
const spellings: Readonly<Record<string, readonly [architecture: string, variant: string | null]>> = {
  i386: ['386', ''],
  x86_64: ['amd64', null],
  'x86-64': ['amd64', null],
  aarch64: ['arm64', null],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};

const systemSyntax = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)\))?$/;
const shownSystemSyntax = String.raw`^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.-]*)\\))?$`;
const componentSyntax = /^[A-Za-z0-9_.-]+$/;

/** `--platform` as the daemon is asked for it: `LINUX/x86_64` is `linux/amd64` (containerd/platforms). Throws StatusError; '' stays. */
export function normalPlatform(text: string, what = 'error parsing specified platform: '): string {
  if (text === '') return '';
  const fail = (message: string): StatusError => new StatusError(1, `${what}${message}: invalid argument`);
  if (text.includes('*')) throw fail(`${goQuote(text)}: wildcards not yet supported`);
  // As strings.SplitN with 4: what is behind the third is one part.
  const [first = '', second, third, ...rest] = text.split('/');
  const others = [second, third, ...(rest.length === 0 ? [] : [rest.join('/')])].filter((part) => part !== undefined);
  const system = systemSyntax.exec(first)?.[1];
  if (system === undefined)
    throw fail(
      `${goQuote(first)} is an invalid OS component of ${goQuote(text)}: OSAndVersion specifier component must match "${shownSystemSyntax}"`,
    );
  const bad = others.slice(0, 3).find((part) => !componentSyntax.test(part));
  if (bad !== undefined)
    throw fail(
      `${goQuote(bad)} is an invalid component of ${goQuote(text)}: platform specifier component must match "${componentSyntax.source}"`,
    );
  const [architecture, variant] = others;
  if (others.length > 2) throw fail(`${goQuote(text)}: cannot parse platform specifier`);
  if (architecture !== undefined) return [normalSystem(system), ...normalArchitecture(architecture, variant)].join('/');
  if (systems.has(normalSystem(system))) return `${normalSystem(system)}/${ownArchitecture}`;
  const alone = normalArchitecture(first, undefined);
  if (!architectures.has(alone[0] ?? '')) throw fail(`${goQuote(text)}: unknown operating system or architecture`);
  return [ownSystem, ...alone].join('/');
}

function normalSystem(system: string): string {
  const lower = system.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower;
}

/** @returns the architecture, and the variant unless it goes without saying */
function normalArchitecture(given: string, variantGiven: string | undefined): readonly string[] {
  const lower = given.toLowerCase();
  const [architecture, implied] = ownValue(spellings, lower) ?? [lower, null];
  const variant = implied ?? normalVariant(architecture, variantGiven?.toLowerCase() ?? '');
  const isUsual = variantGiven === undefined && architecture === 'arm' && variant === 'v7';
  return variant === '' || isUsual ? [architecture] : [architecture, variant];
}

function normalVariant(architecture: string, variant: string): string {
  if (architecture === 'amd64' && variant === 'v1') return '';
  if (architecture === 'arm64') return variant === '8' || variant === 'v8' ? 'v8' : variant;
  if (architecture === 'arm' && /^[5678]$/.test(variant)) return `v${variant}`;
  return variant;
}

/** `--platform` of commands that send it as JSON (docker/cli: image/save.go). undefined: nothing was said. Throws StatusError. */
export function platformQuery(text: string, what = 'invalid platform: '): string | undefined {
  if (text === '') return undefined;
  const [os, architecture, variant] = normalPlatform(text, what).split('/');
  return JSON.stringify({ architecture, os, ...(variant === undefined ? {} : { variant }) });
}
