import { describe, expect, it } from 'vitest';
import { defaultCapabilities } from '../spec/capabilities.ts';
import { defaultProfile } from './default-profile.ts';
import { compile, seccompFilter } from './filter.ts';
import { bpf, type Instruction } from './instruction.ts';
import type { Profile } from './profile.ts';
import { syscallNumbers } from './syscalls.ts';

const allow = 0x7fff_0000;
const errno = (number: number): number => 0x0005_0000 | number;
const i386 = 0x4000_0003;

/** The kernel's classic BPF machine, as far as a filter uses it. */
function run(
  program: readonly Instruction[],
  nr: number,
  args: readonly number[] = [],
  arch = i386,
): { readonly verdict: number; readonly steps: number } {
  const word = (at: number): number => (at === 0 ? nr : at === 4 ? arch : (args[(at - 16) >> 3] ?? 0) >>> 0);
  let accumulator = 0;
  let steps = 0;
  for (let at = 0; ; at += 1) {
    steps += 1;
    const instruction = program[at];
    if (instruction === undefined) throw new Error(`ran off the end at ${at}`);
    const [code, jt, jf, k] = instruction;
    const jump = (taken: boolean): void => void (at += taken ? jt : jf);
    if (code === bpf.loadWord) accumulator = word(k);
    else if (code === bpf.and) accumulator = (accumulator & k) >>> 0;
    else if (code === bpf.jumpAlways) at += k;
    else if (code === bpf.jumpEqual) jump(accumulator === k);
    else if (code === bpf.jumpGreater) jump(accumulator > k);
    else if (code === bpf.jumpGreaterEqual) jump(accumulator >= k);
    else if (code === bpf.return) return { verdict: k, steps };
    else throw new Error(`unknown code ${code}`);
  }
}

const number = (name: string): number => syscallNumbers.get(name) ?? -1;
const standard = compile(defaultProfile, defaultCapabilities);
const verdictOf = (name: string, ...args: number[]): number => run(standard, number(name), args).verdict;

describe('the default seccomp filter', () => {
  it('allows what ordinary programs call', () => {
    for (const name of [
      'read',
      'execve',
      'clock_gettime64',
      'futex_time64',
      'statx',
      'openat',
      'set_thread_area',
      'modify_ldt',
      'ptrace',
      'chroot',
    ]) {
      expect(verdictOf(name), name).toBe(allow);
    }
  });

  it('says of what is newer than the whole profile that it does not exist', () => {
    const newest = Math.max(...syscallNumbers.values());
    expect(run(standard, newest + 1).verdict).toBe(errno(38));
    expect(run(standard, 0x7fff_ffff).verdict).toBe(errno(38));
    const killing = compile({ defaultAction: 'SCMP_ACT_KILL_PROCESS', syscalls: [] }, []);
    expect(run(killing, 5).verdict).toBe(errno(38));
    const tracing = compile({ defaultAction: 'SCMP_ACT_TRACE', syscalls: [] }, []);
    expect(run(tracing, 5).verdict).toBe(0x7ff0_0001);
  });

  it('refuses with EPERM what needs a capability that a container has not', () => {
    for (const name of [
      'mount',
      'reboot',
      'init_module',
      'settimeofday',
      'clock_settime64',
      'bpf',
      'unshare',
      'setns',
      'keyctl',
      'iopl',
      'swapon',
      'io_uring_setup',
      'userfaultfd',
    ]) {
      expect(verdictOf(name), name).toBe(errno(1));
    }
  });

  it('kills a call of another architecture', () => {
    expect(run(standard, 0, [], 0xc000_003e).verdict).toBe(0x8000_0000);
  });

  it('looks at the flags of clone and answers clone3 with ENOSYS', () => {
    expect(verdictOf('clone', 0x0120_0011)).toBe(allow);
    expect(verdictOf('clone', 0x1000_0011)).toBe(errno(1));
    expect(verdictOf('clone3')).toBe(errno(38));
    const admin = compile(defaultProfile, [...defaultCapabilities, 'CAP_SYS_ADMIN']);
    expect(run(admin, number('clone'), [0x1000_0011]).verdict).toBe(allow);
    expect(run(admin, number('clone3')).verdict).toBe(allow);
    expect(run(admin, number('mount')).verdict).toBe(allow);
  });

  it('looks at the persona and at the socket family', () => {
    expect([0, 8, 0x2_0000, 0x2_0008, -1].map((persona) => verdictOf('personality', persona))).toEqual([allow, allow, allow, allow, allow]);
    expect(verdictOf('personality', 0x4_0000)).toBe(errno(1));
    expect(verdictOf('socket', 2)).toBe(allow);
    expect(verdictOf('socket', 40)).toBe(errno(1));
  });

  it('decides every number as the profile says, in few steps', () => {
    const capabilities = new Set(defaultCapabilities);
    const plain = new Set(
      defaultProfile.syscalls
        .filter(
          ({ args, action, includes, excludes }) =>
            args.length === 0 &&
            action === 'SCMP_ACT_ALLOW' &&
            excludes.caps === undefined &&
            (includes.caps ?? []).every((name) => capabilities.has(name)),
        )
        .flatMap(({ names }) => names),
    );
    for (const [name, nr] of syscallNumbers) {
      const { verdict, steps } = run(standard, nr);
      if (plain.has(name)) expect(verdict, name).toBe(allow);
      else if (!['clone', 'clone3', 'personality', 'socket'].includes(name)) expect(verdict, name).toBe(errno(1));
      expect(steps, name).toBeLessThan(20);
    }
  });

  it('fits the kernel: at most 4096 instructions, jumps within a byte', () => {
    expect(standard.every(([, jt, jf]) => jt <= 255 && jf <= 255)).toBe(true);
    expect(seccompFilter('default', defaultCapabilities)).toHaveLength(standard.length * 8);
  });
});

describe('what a start pays for the default seccomp filter', () => {
  it('is at most 150 instructions, for equal code is there once', () => {
    expect(standard.length).toBeLessThanOrEqual(150);
  });

  it('is fewer than eleven steps for a number in the mean, as the kernel tries each one', () => {
    const numbers = Array.from({ length: 451 }, (_, nr) => run(standard, nr).steps);
    expect(numbers.reduce((sum, steps) => sum + steps) / numbers.length).toBeLessThan(11);
  });
});

describe('a profile of the user', () => {
  const profile = (syscalls: Partial<Profile['syscalls'][number]>[], defaultAction = 'SCMP_ACT_ALLOW'): Profile => ({
    defaultAction,
    syscalls: syscalls.map((rule) => ({ names: ['chmod'], action: 'SCMP_ACT_ERRNO', args: [], includes: {}, excludes: {}, ...rule })),
  });

  it('may allow all but one call', () => {
    const program = compile(profile([{}]), []);
    expect(run(program, number('chmod')).verdict).toBe(errno(1));
    expect(run(program, number('fchmod')).verdict).toBe(allow);
  });

  it('names a call once, however often a profile does, and is refused where the kernel would', () => {
    const equal = (value: number) => ({ index: 0, value, valueTwo: 0, op: 'SCMP_CMP_EQ' });
    const rule = { action: 'SCMP_ACT_ERRNO', includes: {}, excludes: {} };
    const often = { ...rule, names: Array.from({ length: 100_000 }, () => 'read'), args: [equal(1)] };
    expect(compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [often] }, []).length).toBeLessThan(40);
    const many = Array.from({ length: 100_000 }, (_none, at) => ({ ...rule, names: ['read'], args: [equal(at)] }));
    expect(() => compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: many }, [])).toThrow(
      'error loading seccomp filter: invalid argument',
    );
  });

  it('decides each call by itself, however far its answer stands from the question', () => {
    const names = [...syscallNumbers.keys()];
    const rules = names.map((name, index) => profile([{ names: [name], errnoRet: 2 + index }]).syscalls).flat();
    const program = compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }, []);
    for (const [index, name] of names.entries()) expect(run(program, number(name)).verdict, name).toBe(errno(2 + index));
    expect(program.every(([, jt, jf]) => jt <= 255 && jf <= 255)).toBe(true);
    const newest = Math.max(...syscallNumbers.values());
    expect(run(program, newest + 1).verdict).toBe(allow);
  });

  it('compares arguments in every way', () => {
    const cases = [
      ['SCMP_CMP_EQ', [5], [4, 6]],
      ['SCMP_CMP_NE', [4, 6], [5]],
      ['SCMP_CMP_LT', [4], [5, 6]],
      ['SCMP_CMP_LE', [4, 5], [6]],
      ['SCMP_CMP_GT', [6], [4, 5]],
      ['SCMP_CMP_GE', [5, 6], [4]],
    ] as const;
    for (const [op, holds, fails] of cases) {
      const program = compile(profile([{ args: [{ index: 1, op, value: 5, valueTwo: 0 }] }]), []);
      for (const value of holds) expect(run(program, number('chmod'), [0, value]).verdict, `${value} ${op} 5`).toBe(errno(1));
      for (const value of fails) expect(run(program, number('chmod'), [0, value]).verdict, `${value} ${op} 5`).toBe(allow);
    }
  });

  it('needs every comparison of a rule to hold', () => {
    const args = [
      { index: 0, op: 'SCMP_CMP_EQ', value: 1, valueTwo: 0 },
      { index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 0xf0, valueTwo: 0x10 },
    ] as const;
    const program = compile(profile([{ args }]), []);
    expect(run(program, number('chmod'), [1, 0x1f]).verdict).toBe(errno(1));
    expect(run(program, number('chmod'), [1, 0x2f]).verdict).toBe(allow);
    expect(run(program, number('chmod'), [2, 0x1f]).verdict).toBe(allow);
  });

  it('is refused when it names an action that does not exist', () => {
    expect(() => seccompFilter(profile([{ action: 'SCMP_ACT_SING' }]), [])).toThrow(
      'runc create failed: string SCMP_ACT_SING is not a valid action for seccomp: unknown',
    );
  });

  it('takes two comparisons of one argument for two rules, as runc does', () => {
    const mode = (value: number) => ({ index: 1, op: 'SCMP_CMP_EQ', value, valueTwo: 0 });
    const program = compile(profile([{ args: [mode(0o700), mode(0o777)] }]), []);
    expect([0o700, 0o777, 0o600].map((value) => run(program, number('chmod'), [0, value]).verdict)).toEqual([errno(1), errno(1), allow]);
  });

  it('forgets a rule that says what would happen anyhow', () => {
    const args = [{ index: 1, op: 'SCMP_CMP_EQ', value: 0o700, valueTwo: 0 }];
    const program = compile(profile([{ action: 'SCMP_ACT_ALLOW' }, { action: 'SCMP_ACT_ALLOW', args }, {}]), []);
    expect(run(program, number('chmod'), [0, 0o700]).verdict).toBe(errno(1));
  });
});
