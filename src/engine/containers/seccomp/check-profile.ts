import { runcInitFails, runcRefuses } from '../spec/runc-words.ts';
import { actions } from './actions.ts';
import type { Profile, Rule } from './profile.ts';
import { syscallNumbers } from './syscalls.ts';

const operators = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((name) => `SCMP_CMP_${name}`);
const architectures =
  'X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE RISCV64 S390 S390X LOONGARCH64'
    .split(' ')
    .map((name) => `SCMP_ARCH_${name}`);
const flags = ['TSYNC', 'LOG', 'SPEC_ALLOW'].map((name) => `SECCOMP_FILTER_FLAG_${name}`);
/** Of a system call. */
const mostArguments = 6;
/** libseccomp, db_action_valid: an errno is below. */
const errnoBound = 4095;

/**
 * What runc and libseccomp refuse of a profile (specconv.SetupSeccomp, then seccomp.InitSeccomp in the container).
 * @param rules those that apply to the container
 * @throws AppError internal, in runc's words
 */
export function checkProfile({ flags: given = [], architectures: named = [], ...profile }: Profile, rules: readonly Rule[]): void {
  known(flags, given, (flag) => `seccomp flag ${flag} is not known to runc`);
  known(architectures, named, (arch) => `string ${arch} is not a valid arch for seccomp`);
  const asked = [profile.defaultAction, ...rules.map(({ action }) => action)];
  known([...actions.keys()], asked, (action) => `string ${action} is not a valid action for seccomp`);
  known(
    operators,
    rules.flatMap(({ names, args }) => (names.length === 0 ? [] : args.map(({ op }) => op))),
    (op) => `string ${op} is not a valid operator for seccomp`,
  );
  checkNotify(profile, rules);
  if (!isErrno(profile.defaultAction, profile.defaultErrnoRet)) throw runcInitFails('error creating filter: could not create filter');
  for (const rule of rules) checkCalls(profile, rule);
  if (rules.some(({ action, names }) => action === 'SCMP_ACT_NOTIFY' && names.length > 0)) throw noListener(profile);
}

function known(all: readonly string[], given: readonly string[], words: (name: string) => string): void {
  const wrong = given.find((name) => !all.includes(name));
  if (wrong !== undefined) throw runcRefuses(words(wrong));
}

function checkNotify({ defaultAction }: Pick<Profile, 'defaultAction'>, rules: readonly Rule[]): void {
  const notify = 'SCMP_ACT_NOTIFY';
  if (rules.some(({ action, names }) => action === notify && names.includes('write')))
    throw runcInitFails(`${notify} cannot be used for the write syscall`);
  if (defaultAction === notify) throw runcInitFails(`${notify} cannot be used as default action`);
}

/** Who is asked about calls is a program outside of the container; none can be here. */
function noListener({ listenerPath = '' }: Pick<Profile, 'listenerPath'>): Error {
  return runcInitFails(listenerPath === '' ? 'seccomp listenerPath is not set' : 'SCMP_ACT_NOTIFY is not supported by this engine');
}

function checkCalls({ defaultAction, defaultErrnoRet }: Pick<Profile, 'defaultAction' | 'defaultErrnoRet'>, rule: Rule): void {
  for (const name of rule.names) {
    if (name === '') throw runcInitFails('empty string is not a valid syscall');
    if (rule.action === defaultAction && rule.errnoRet === defaultErrnoRet) continue;
    if (!syscallNumbers.has(name)) continue;
    const far = rule.args.find(({ index }) => index >= mostArguments);
    if (far !== undefined)
      throw runcInitFails(
        `error creating seccomp syscall condition for syscall ${name}: syscalls only have up to ${mostArguments} arguments (${far.index} given)`,
      );
    if (!isErrno(rule.action, rule.errnoRet))
      throw runcInitFails(`error adding seccomp filter rule for syscall ${name}: two checks on same syscall argument`);
  }
}

function isErrno(action: string, errno = 0): boolean {
  return action !== 'SCMP_ACT_ERRNO' || errno < errnoBound;
}
