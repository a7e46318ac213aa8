import { AppError } from '../../../base/errors.ts';
import { actions, verdict } from './actions.ts';
import { checkProfile } from './check-profile.ts';
import { defaultProfile } from './default-profile.ts';
import { bpf, type Instruction } from './instruction.ts';
import type { Comparison, Condition, Profile, Rule } from './profile.ts';
import { searchCode, type Interval } from './search.ts';
import { syscallNumbers } from './syscalls.ts';

/** struct seccomp_data (linux/seccomp.h): int nr, u32 arch, u64 instruction pointer, u64 args[6]; little-endian. */
const offset = { nr: 0, arch: 4, args: 16 } as const;
/** linux/audit.h: EM_386 | __AUDIT_ARCH_LE */
const auditArchI386 = 0x4000_0003;
const EPERM = 1;
const ENOSYS = 38;
/** The guest's kernel, for `minKernel`. */
const kernel = [6, 1] as const;

/** By their capabilities, of which there are more sets than memory. */
const cache = new Map<string, Uint8Array>();
const mostCached = 64;

/** The filter of a container with these capabilities, as an array of struct sock_filter. @throws AppError internal, in runc's words, for a profile that cannot be compiled */
export function seccompFilter(profile: 'default' | Profile, capabilities: readonly string[]): Uint8Array {
  if (profile !== 'default') {
    const held = new Set(capabilities);
    checkProfile(
      profile,
      profile.syscalls.filter((rule) => applies(rule, held)),
    );
    return encode(compile(profile, capabilities));
  }
  const key = [...capabilities].sort().join();
  const known = cache.get(key);
  if (known !== undefined) return known;
  const filter = encode(compile(defaultProfile, capabilities));
  if (cache.size >= mostCached) cache.clear();
  cache.set(key, filter);
  return filter;
}

/** BPF_MAXINSNS of linux/bpf_common.h. */
const mostInstructions = 4096;

/** What happens at one system call: the first rule whose arguments fit, else the profile's default. */
type Decision = readonly Alternative[];

interface Alternative {
  readonly args: readonly Comparison[];
  readonly verdict: number;
}

/** Checks the architecture, then finds the number by a search over intervals of equal treatment (search.ts). */
export function compile(profile: Profile, capabilities: readonly string[]): Instruction[] {
  const fallback = verdictOf(profile.defaultAction, profile.defaultErrnoRet);
  const decisions = decide(profile, new Set(capabilities), fallback);
  const intervals: Interval[] = [{ first: 0, code: [[bpf.return, 0, 0, fallback]] }];
  const highest = Math.max(0, ...decisions.keys());
  for (let number = 0; number <= highest + 1; number += 1) {
    const code = decisionCode(decisions.get(number) ?? [], number > highest ? beyond(profile, fallback) : fallback);
    const last = intervals.at(-1);
    if (last !== undefined && sameCode(last.code, code)) continue;
    if (last?.first === number) intervals.pop();
    intervals.push({ first: number, code });
  }
  const code: Instruction[] = [
    [bpf.loadWord, 0, 0, offset.arch],
    [bpf.jumpEqual, 1, 0, auditArchI386],
    [bpf.return, 0, 0, verdict.killProcess],
    [bpf.loadWord, 0, 0, offset.nr],
    ...searchCode(intervals),
  ];
  if (code.length > mostInstructions) throw tooLong();
  return code;
}

/** runc's words for the kernel's EINVAL. */
function tooLong(): AppError {
  return new AppError(
    'internal',
    'unable to init seccomp: error loading seccomp filter into kernel: error loading seccomp filter: invalid argument',
  );
}

/**
 * What is newer than every call that the profile names does not exist, so that programs try an older one; EPERM would stop them
 * (runc, libcontainer/seccomp/patchbpf).
 */
function beyond({ defaultAction }: Profile, fallback: number): number {
  const lets = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(defaultAction);
  return lets ? fallback : verdict.errno | ENOSYS;
}

function decide({ syscalls }: Profile, capabilities: ReadonlySet<string>, fallback: number): Map<number, Decision> {
  const decisions = new Map<number, Alternative[]>();
  const known = new Set<string>();
  for (const rule of syscalls) {
    if (!applies(rule, capabilities)) continue;
    const outcome = verdictOf(rule.action, rule.errnoRet);
    // What would happen anyhow is no rule (runc, matchCall).
    if (outcome === fallback) continue;
    const entries = alternatives(rule.args).map((args) => ({ args, verdict: outcome }));
    for (const name of rule.names) {
      const number = syscallNumbers.get(name);
      if (number === undefined) continue;
      // A rule without arguments decides for every call, whatever stands before it (libseccomp).
      const before = decisions.get(number);
      if (before === undefined || rule.args.length === 0) {
        if (before?.at(-1)?.args.length !== 0) decisions.set(number, [...entries]);
        continue;
      }
      if (before.at(-1)?.args.length === 0) continue;
      for (const entry of entries) {
        const key = [number, entry.verdict, ...entry.args.flatMap(({ index, value, valueTwo, op }) => [index, value, valueTwo, op])].join();
        if (known.has(key)) continue;
        known.add(key);
        // Each has an instruction at least.
        if (known.size > mostInstructions) throw tooLong();
        before.push(entry);
      }
    }
  }
  return decisions;
}

/** Comparisons hold together, but each by itself where two look at one argument (runc, matchCall). */
function alternatives(args: readonly Comparison[]): readonly (readonly Comparison[])[] {
  const single = new Set(args.map(({ index }) => index)).size === args.length;
  return single ? [args] : args.map((comparison) => [comparison]);
}

/** profiles/seccomp/seccomp_linux.go: every included capability is needed, one excluded is enough to drop the rule. */
function applies({ includes, excludes }: Rule, capabilities: ReadonlySet<string>): boolean {
  const here = ({ arches }: Condition): boolean => arches === undefined || arches.includes('x86') || arches.includes('386');
  if (!here(includes) || !(includes.caps ?? []).every((name) => capabilities.has(name))) return false;
  if (includes.minKernel !== undefined && !isKernelAtLeast(includes.minKernel)) return false;
  if (excludes.arches !== undefined && here(excludes)) return false;
  if (excludes.minKernel !== undefined && isKernelAtLeast(excludes.minKernel)) return false;
  return !(excludes.caps ?? []).some((name) => capabilities.has(name));
}

function isKernelAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return kernel[0] > major || (kernel[0] === major && kernel[1] >= minor);
}

function verdictOf(action: string, errno = EPERM): number {
  const found = actions.get(action) ?? null;
  if (found === null) throw new AppError('internal', `string ${action} is not a valid action for seccomp`);
  return found === verdict.errno || found === verdict.trace ? found | (errno & 0xffff) : found;
}

function decisionCode(decision: Decision, fallback: number): Instruction[] {
  const code = decision.flatMap(({ args, verdict: outcome }) => ruleCode(args, outcome));
  return code.at(-1)?.[0] === bpf.return && decision.at(-1)?.args.length === 0 ? code : [...code, [bpf.return, 0, 0, fallback]];
}

/** Each comparison that fails jumps behind the rule. On i386 an argument is its low word. */
function ruleCode(args: readonly Comparison[], outcome: number): Instruction[] {
  const parts = args.map(comparisonCode);
  let rest = 1;
  const code: Instruction[] = [[bpf.return, 0, 0, outcome]];
  for (const { load, jump, k, negate } of parts.reverse()) {
    code.unshift(...load, [jump, negate ? rest : 0, negate ? 0 : rest, k]);
    rest += load.length + 1;
  }
  return code;
}

interface ComparisonCode {
  readonly load: readonly Instruction[];
  readonly jump: number;
  readonly k: number;
  /** The comparison holds when the jump's condition does not. */
  readonly negate: boolean;
}

function comparisonCode({ index, op, value, valueTwo }: Comparison): ComparisonCode {
  const load: Instruction[] = [[bpf.loadWord, 0, 0, offset.args + 8 * index]];
  const k = value >>> 0;
  switch (op) {
    case 'SCMP_CMP_EQ':
      return { load, jump: bpf.jumpEqual, k, negate: false };
    case 'SCMP_CMP_NE':
      return { load, jump: bpf.jumpEqual, k, negate: true };
    case 'SCMP_CMP_GT':
      return { load, jump: bpf.jumpGreater, k, negate: false };
    case 'SCMP_CMP_LE':
      return { load, jump: bpf.jumpGreater, k, negate: true };
    case 'SCMP_CMP_GE':
      return { load, jump: bpf.jumpGreaterEqual, k, negate: false };
    case 'SCMP_CMP_LT':
      return { load, jump: bpf.jumpGreaterEqual, k, negate: true };
    case 'SCMP_CMP_MASKED_EQ':
      return { load: [...load, [bpf.and, 0, 0, k]], jump: bpf.jumpEqual, k: valueTwo >>> 0, negate: false };
    default:
      throw new AppError('internal', `string ${op} is not a valid operator for seccomp`);
  }
}

function sameCode(a: readonly Instruction[], b: readonly Instruction[]): boolean {
  return a.length === b.length && a.every((instruction, index) => instruction.every((part, at) => part === b[index]?.[at]));
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, jt, jf, k]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  }
  return bytes;
}
