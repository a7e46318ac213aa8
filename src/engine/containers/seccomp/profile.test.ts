import { describe, expect, it } from 'vitest';
import { seccompFilter } from './filter.ts';
import { parseProfile } from './profile.ts';

const allowing = (rest: string): string => `{"defaultAction":"SCMP_ACT_ALLOW",${rest}}`;
const ruled = (rest: string): string => allowing(`"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO",${rest}}]`);

/** Asked of Docker 28.5.2 with the same profiles. */
const undecodable: readonly (readonly [json: string, words: string])[] = [
  ['[]', 'json: cannot unmarshal array into Go value of type seccomp.Seccomp'],
  ['{"defaultAction":5}', 'json: cannot unmarshal number into Go struct field Seccomp.defaultAction of type specs.LinuxSeccompAction'],
  [
    allowing('"syscalls":[{"names":"mkdir"}]'),
    'json: cannot unmarshal string into Go struct field Seccomp.syscalls.0.names of type []string',
  ],
  [allowing('"syscalls":[{"names":["mkdir",5]}]'), 'json: cannot unmarshal number into Seccomp.syscalls.0.names.1 of type string'],
  [allowing('"syscalls":[5]'), 'json: cannot unmarshal number into Seccomp.syscalls.0 of type seccomp.Syscall'],
  [
    allowing('"archMap":[{"architecture":5}]'),
    'json: cannot unmarshal number into Go struct field Seccomp.archMap.0.architecture of type specs.Arch',
  ],
  [ruled('"errnoRet":-1'), 'json: cannot unmarshal number -1 into Go struct field Seccomp.syscalls.0.errnoRet of type uint'],
  [ruled('"errnoRet":1.5'), 'json: cannot unmarshal number 1.5 into Go struct field Seccomp.syscalls.0.errnoRet of type uint'],
  [ruled('"args":[5]'), 'json: cannot unmarshal number into Seccomp.syscalls.0.args.0 of type specs.LinuxSeccompArg'],
  [
    ruled('"args":[{"value":18446744073709551616}]'),
    'json: cannot unmarshal number 18446744073709551616 into Go struct field Seccomp.syscalls.0.args.0.value of type uint64',
  ],
  [
    ruled('"args":[{"op":7}]'),
    'json: cannot unmarshal number into Go struct field Seccomp.syscalls.0.args.0.op of type specs.LinuxSeccompOperator',
  ],
  [
    ruled('"includes":{"caps":"x"}'),
    'json: cannot unmarshal string into Go struct field Seccomp.syscalls.0.includes.caps of type []string',
  ],
  [ruled('"includes":{"minKernel":"4"}'), 'invalid kernel version: "4", expected "<kernel>.<major>"'],
  [ruled('"includes":{"minKernel":"0.0"}'), 'invalid kernel version: "0.0", expected "<kernel>.<major>": version cannot be 0.0'],
  [
    ruled('"includes":{"minKernel":5}'),
    'invalid kernel version: 5, expected "<kernel>.<major>": json: cannot unmarshal number into Go value of type string',
  ],
  ['{', 'unexpected EOF'],
];

const refused: readonly (readonly [json: string, words: string])[] = [
  [allowing('"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOPE"}]'), 'string SCMP_ACT_NOPE is not a valid action for seccomp'],
  ['{"defaultAction":"SCMP_ACT_NOPE"}', 'string SCMP_ACT_NOPE is not a valid action for seccomp'],
  ['{"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}', 'string  is not a valid action for seccomp'],
  [allowing('"architectures":["SCMP_ARCH_NOPE"]'), 'string SCMP_ARCH_NOPE is not a valid arch for seccomp'],
  [allowing('"flags":["SECCOMP_FILTER_FLAG_NOPE"]'), 'seccomp flag SECCOMP_FILTER_FLAG_NOPE is not known to runc'],
  [ruled('"args":[{"index":1,"op":"SCMP_CMP_NOPE"}]'), 'string SCMP_CMP_NOPE is not a valid operator for seccomp'],
  [
    ruled('"args":[{"index":9,"op":"SCMP_CMP_EQ"}]'),
    'error during container init: error creating seccomp syscall condition for syscall mkdir: syscalls only have up to 6 arguments (9 given)',
  ],
  [
    ruled('"errnoRet":70000'),
    'error during container init: error adding seccomp filter rule for syscall mkdir: two checks on same syscall argument',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":70000}',
    'error during container init: error creating filter: could not create filter',
  ],
  ['{"defaultAction":"SCMP_ACT_NOTIFY"}', 'error during container init: SCMP_ACT_NOTIFY cannot be used as default action'],
  [
    allowing('"syscalls":[{"names":["write"],"action":"SCMP_ACT_NOTIFY"}]'),
    'error during container init: SCMP_ACT_NOTIFY cannot be used for the write syscall',
  ],
  [allowing('"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]'), 'error during container init: seccomp listenerPath is not set'],
  [ruled('"comment":"","names":["mkdir",""]'), 'error during container init: empty string is not a valid syscall'],
];

function compileText(json: string, capabilities: readonly string[] = []): Uint8Array | null {
  const profile = parseProfile(json);
  return profile === null ? null : seccompFilter(profile, capabilities);
}

describe('a seccomp profile as a file', () => {
  it.each(undecodable)("is refused in the words of Go's decoder: %s", (json, words) => {
    expect(() => parseProfile(json)).toThrow(`Decoding seccomp profile failed: ${words}`);
  });

  it.each(refused)("is refused in runc's words: %s", (json, words) => {
    expect(() => compileText(json)).toThrow(new RegExp(`runc create failed: .*${words.replaceAll(/[()]/g, '\\$&')}: unknown$`));
  });

  it('may not say the same twice', () => {
    expect(() => parseProfile(ruled('"name":"rmdir"'))).toThrow(
      "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
    );
    expect(() => parseProfile(allowing('"architectures":["SCMP_ARCH_X86"],"archMap":[{"architecture":"SCMP_ARCH_X86"}]'))).toThrow(
      "both 'architectures' and 'archMap' are specified in the seccomp profile",
    );
  });

  it('filters nothing when it says nothing', () => {
    expect(['{}', 'null', '{"defaultAction":null,"syscalls":[]}'].map((json) => compileText(json))).toEqual([null, null, null]);
  });

  it('names its members in any case, and what nobody knows does not matter', () => {
    const json = '{"DefaultAction":"SCMP_ACT_ALLOW","SYSCALLS":[{"Names":["mkdir"],"Action":"SCMP_ACT_ERRNO","ErrnoRet":13}],"x":1}';
    expect(compileText(json)).toEqual(compileText(ruled('"errnoRet":13')));
  });

  it('leaves out what is no system call, and rules for capabilities that the container has not', () => {
    const nothing = compileText('{"defaultAction":"SCMP_ACT_ALLOW"}');
    expect(compileText(allowing('"syscalls":[{"names":["nosuchcall"],"action":"SCMP_ACT_ERRNO"}]'))).toEqual(nothing);
    expect(compileText(ruled('"includes":{"caps":["CAP_SYS_ADMIN"]}'))).toEqual(nothing);
    expect(compileText(ruled('"includes":{"caps":["CAP_SYS_ADMIN"]}'), ['CAP_SYS_ADMIN'])).toEqual(compileText(ruled('"comment":""')));
    expect(compileText(ruled('"includes":{"minKernel":"99.0"}'))).toEqual(nothing);
  });
});
