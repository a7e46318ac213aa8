import { AppError, toAppError } from '../../../base/errors.ts';
import { goQuote } from '../../../grammar/go-quote.ts';
import { decodeJson } from '../../../protocol/json-body.ts';
import { decodeAs, type GoType } from './decode.ts';

export interface Comparison {
  readonly index: number;
  /** For MASKED_EQ the mask. 32 bits: what the registers of i386 hold. */
  readonly value: number;
  readonly valueTwo: number;
  /** SCMP_CMP_NE, LT, LE, EQ, GE, GT or MASKED_EQ; `check-profile.ts` refuses others. */
  readonly op: string;
}

export interface Condition {
  readonly caps?: readonly string[] | undefined;
  readonly arches?: readonly string[] | undefined;
  /** "4.8" */
  readonly minKernel?: string | undefined;
}

export interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number | undefined;
  /** All must hold; of two that look at one argument one is enough. */
  readonly args: readonly Comparison[];
  readonly includes: Condition;
  readonly excludes: Condition;
}

/** A seccomp profile in Docker's JSON (OCI's LinuxSeccomp with conditions): docs.docker.com/engine/security/seccomp. */
export interface Profile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number | undefined;
  readonly architectures?: readonly string[] | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly listenerPath?: string | undefined;
  readonly syscalls: readonly Rule[];
}

const text: GoType = { kind: 'string', name: 'string' };
const uint: GoType = { kind: 'uint', name: 'uint' };
const uint64: GoType = { kind: 'uint', name: 'uint64' };
const named = (name: string): GoType => ({ kind: 'string', name });
const listOf = (of: GoType): GoType => ({ kind: 'list', name: `[]${of.name}`, of });
const struct = (name: string, fields: Readonly<Record<string, GoType>>): GoType => ({ kind: 'struct', name, fields });

const filter = struct('seccomp.Filter', {
  caps: listOf(text),
  arches: listOf(text),
  minKernel: { kind: 'string', name: 'string', check: checkKernel },
});
const syscall = struct('seccomp.Syscall', {
  names: listOf(text),
  name: text,
  comment: text,
  action: named('specs.LinuxSeccompAction'),
  errnoRet: uint,
  args: listOf(struct('specs.LinuxSeccompArg', { index: uint, value: uint64, valueTwo: uint64, op: named('specs.LinuxSeccompOperator') })),
  includes: filter,
  excludes: filter,
});
const profileType = struct('seccomp.Seccomp', {
  defaultAction: named('specs.LinuxSeccompAction'),
  defaultErrnoRet: uint,
  architectures: listOf(named('specs.Arch')),
  flags: listOf(named('specs.LinuxSeccompFlag')),
  listenerPath: text,
  listenerMetadata: text,
  archMap: listOf(struct('seccomp.Architecture', { architecture: named('specs.Arch'), subArchitectures: listOf(named('specs.Arch')) })),
  syscalls: { kind: 'list', name: '[]*seccomp.Syscall', of: syscall },
});

/** What `profileType` decodes to. */
interface Decoded extends Partial<Omit<Profile, 'syscalls' | 'defaultErrnoRet'>> {
  readonly defaultErrnoRet?: bigint;
  readonly archMap?: readonly ({ readonly architecture?: string; readonly subArchitectures?: readonly string[] } | undefined)[];
  readonly syscalls?: readonly (DecodedRule | undefined)[];
}

interface DecodedRule {
  readonly names?: readonly (string | undefined)[];
  /** Of old profiles. */
  readonly name?: string;
  readonly action?: string;
  readonly errnoRet?: bigint;
  readonly args?: readonly ({ index?: bigint; value?: bigint; valueTwo?: bigint; op?: string } | undefined)[];
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

/**
 * LoadProfile of moby/profiles, seccomp. null: it filters nothing, as one without a default action and without rules.
 * @throws AppError internal, as Docker says it at the start of a container
 */
export function parseProfile(json: string): Profile | null {
  const decoded = decode(json);
  const { architectures = [], archMap = [], syscalls = [], defaultAction = '' } = decoded;
  if (defaultAction === '' && syscalls.length === 0) return null;
  if (architectures.length > 0 && archMap.length > 0) throw bothGiven('architectures', 'archMap');
  const own = archMap.find((entry) => entry?.architecture === 'SCMP_ARCH_X86');
  const mapped = own === undefined ? archMap.flatMap((entry) => entry?.subArchitectures ?? []) : [...(own.subArchitectures ?? [])];
  return {
    ...decoded,
    defaultAction,
    defaultErrnoRet: returned(decoded.defaultErrnoRet),
    architectures: [...architectures, ...mapped],
    syscalls: syscalls.flatMap((rule) => (rule === undefined ? [] : [toRule(rule)])),
  };
}

function decode(json: string): Decoded {
  try {
    return (decodeAs(profileType, decodeJson(json), 'Seccomp') ?? {}) as Decoded;
  } catch (thrown) {
    const why = toAppError(thrown).message.replace(/^invalid JSON: /, '');
    throw new AppError('internal', `Decoding seccomp profile failed: ${why}`, { cause: thrown });
  }
}

function bothGiven(one: string, other: string): AppError {
  return new AppError('internal', `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`);
}

function toRule({ names = [], name = '', action = '', errnoRet, args = [], includes = {}, excludes = {} }: DecodedRule): Rule {
  if (name !== '' && names.length > 0) throw bothGiven('name', 'names');
  return {
    names: name === '' ? names.map((each) => each ?? '') : [name],
    action,
    errnoRet: returned(errnoRet),
    args: args.map((argument) => ({
      index: Number(argument?.index ?? 0n),
      value: low(argument?.value),
      valueTwo: low(argument?.valueTwo),
      op: argument?.op ?? '',
    })),
    includes,
    excludes,
  };
}

function low(value = 0n): number {
  return Number(BigInt.asUintN(32, value));
}

/** libseccomp-golang keeps 16 bits of it. */
function returned(errno: bigint | undefined): number | undefined {
  return errno === undefined ? undefined : Number(BigInt.asUintN(16, errno));
}

function checkKernel(value: unknown): void {
  const shown = typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
  const refuse = (why: string): AppError => new AppError('internal', `invalid kernel version: ${shown}, expected "<kernel>.<major>"${why}`);
  if (typeof value !== 'string')
    throw refuse(`: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type string`);
  const [, kernel = '', major = ''] = /^(\d{1,15})\.(\d{1,15})$/.exec(value) ?? [];
  if (kernel === '') throw refuse('');
  if (Number(kernel) === 0 && Number(major) === 0) throw refuse(': version cannot be 0.0');
}
