import { AppError } from '../../../base/errors.ts';

/** capabilities(7); the index is the kernel's number. */
export const capabilityNames = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN ' +
  'NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME ' +
  'SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ ' +
  'PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** oci/caps/defaults.go */
export const defaultCapabilities =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((name) => `CAP_${name}`);

const all = 'ALL';

/** Upper case, with CAP_. @throws AppError invalid 'invalid CapAdd: unknown capability: "CAP_FOO"' */
export function normalizeCapabilities(option: 'CapAdd' | 'CapDrop', given: readonly string[]): string[] {
  return given.map((name) => {
    const upper = name.toUpperCase();
    if (upper === all) return all;
    const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (capabilityNames.includes(full)) return full;
    throw new AppError('invalid', `invalid ${option}: unknown capability: "${full}"`);
  });
}

/** oci/caps/utils.go, TweakCapabilities. */
export function tweakCapabilities(add: readonly string[], drop: readonly string[], privileged: boolean): string[] {
  if (privileged) return [...capabilityNames];
  const added = normalizeCapabilities('CapAdd', add);
  const dropped = normalizeCapabilities('CapDrop', drop);
  if (added.includes(all)) return capabilityNames.filter((name) => !dropped.includes(name));
  if (dropped.includes(all)) return added;
  return [...new Set([...defaultCapabilities.filter((name) => !dropped.includes(name)), ...added])];
}

/** Bit n for capability n. */
export function capabilityBits(names: readonly string[]): bigint {
  return names.reduce((bits, name) => bits | (1n << BigInt(capabilityNames.indexOf(name))), 0n);
}
