import { z } from 'zod';
import { AppError } from '../../../base/errors.ts';
import { profileSchema, type Profile } from '../seccomp/profile.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** Whether /sys/fs/cgroup may be written; null: not said. */
  readonly writableCgroups: boolean | null;
  /** null: no filter; 'default': Docker's own profile. */
  readonly seccomp: 'default' | null | Profile;
}

/** daemon/daemon_unix.go, parseSecurityOpt. @throws AppError invalid, in Docker's words */
export function parseSecurityOptions(options: readonly string[], privileged: boolean): SecurityOptions {
  let noNewPrivileges = false;
  let writableCgroups: boolean | null = null;
  let seccomp: SecurityOptions['seccomp'] = privileged ? null : 'default';
  for (const option of options) {
    if (option === 'no-new-privileges') {
      noNewPrivileges = true;
      continue;
    }
    const cut = option.search(/[=:]/);
    if (cut < 0) throw new AppError('invalid', `invalid --security-opt 1: "${option}"`);
    const value = option.slice(cut + 1);
    switch (option.slice(0, cut)) {
      case 'no-new-privileges':
        noNewPrivileges = parseBoolean(value, option);
        break;
      case 'writable-cgroups':
        writableCgroups = parseBoolean(value, option);
        break;
      case 'seccomp':
        seccomp = value === 'unconfined' ? null : value === 'builtin' ? 'default' : parseProfile(value);
        break;
      case 'label':
      case 'apparmor':
        // Neither SELinux nor AppArmor is in the guest's kernel; Docker takes the options then, too.
        break;
      default:
        throw new AppError('invalid', `invalid --security-opt 2: "${option}"`);
    }
  }
  return { noNewPrivileges, writableCgroups, seccomp };
}

function parseBoolean(value: string, option: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new AppError('invalid', `invalid --security-opt 2: "${option}"`);
}

function parseProfile(text: string): Profile {
  try {
    return profileSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? (cause.issues[0]?.message ?? 'malformed') : String(cause instanceof Error ? cause.message : cause);
    throw new AppError('invalid', `Decoding seccomp profile failed: ${why}`, { cause });
  }
}
