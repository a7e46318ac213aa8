import { readBool } from '../../../grammar/strconv.ts';
import { AppError } from '../../../base/errors.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** Whether /sys/fs/cgroup may be written; null: not said. */
  readonly writableCgroups: boolean | null;
  /** null: no filter; 'default': Docker's own profile. */
  readonly seccomp: 'default' | null | { readonly profile: string };
}

/** daemon/daemon_unix.go, parseSecurityOpt; a profile is read when it is used. @throws AppError internal, in Docker's words */
export function parseSecurityOptions(options: readonly string[], privileged: boolean): SecurityOptions {
  let noNewPrivileges = false;
  let writableCgroups: boolean | null = null;
  let seccomp: SecurityOptions['seccomp'] = privileged ? null : 'default';
  for (const option of options) {
    if (option === 'no-new-privileges' || option === 'writable-cgroups') {
      if (option === 'writable-cgroups') writableCgroups = true;
      else noNewPrivileges = true;
      continue;
    }
    const cut = option.search(/[=:]/);
    if (cut < 0) throw new AppError('internal', `invalid --security-opt 1: "${option}"`);
    const value = option.slice(cut + 1);
    switch (option.slice(0, cut)) {
      case 'no-new-privileges':
        noNewPrivileges = parseBoolean(value, option);
        break;
      case 'writable-cgroups':
        writableCgroups = parseBoolean(value, option);
        break;
      case 'seccomp':
        seccomp = value === 'unconfined' ? null : value === 'builtin' || value === '' ? 'default' : { profile: value };
        break;
      case 'label':
      case 'apparmor':
        // Neither SELinux nor AppArmor is in the guest's kernel; Docker takes the options then, too.
        break;
      default:
        throw new AppError('internal', `invalid --security-opt 2: "${option}"`);
    }
  }
  return { noNewPrivileges, writableCgroups, seccomp };
}

function parseBoolean(value: string, option: string): boolean {
  const read = readBool(value);
  if (read === null) throw new AppError('internal', `invalid --security-opt 2: "${option}"`);
  return read;
}
