import { AppError } from '../../base/errors.ts';
import type { Labels } from './volume.ts';

const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** volume/service and volume/local: what may be asked of a new volume. @throws AppError in Docker's words */
export function checkVolume(name: string, driver: string, options: Labels | null): void {
  checkDriver(name, driver);
  if (name.length < 2) throw refused(name, 'volume name is too short, names should be at least two alphanumeric characters');
  if (!validName.test(name)) {
    const hint = 'If you intended to pass a host directory, use absolute path';
    throw refused(
      name,
      `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ${hint}`,
    );
  }
  checkOptions(name, options ?? {});
}

/** @throws AppError not_found: `local` is the only one */
export function checkDriver(name: string, driver: string): void {
  if (driver === '' || driver === 'local') return;
  throw new AppError('not_found', `create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
}

/** volume/local/local_unix.go, validateOpts. */
function checkOptions(name: string, options: Labels): void {
  const names = Object.keys(options);
  if (names.length === 0) return;
  const unknown = names.find((key) => !['type', 'o', 'device', 'size'].includes(key));
  if (unknown !== undefined) throw refused(name, `invalid option: "${unknown}"`);
  if (options['size'] !== undefined) throw new AppError('internal', `create ${name}: quota size requested but no quota support`);
  for (const wanted of ['device', 'type'])
    if ((options[wanted] ?? '') === '' && !(wanted === 'type' && isBind(options)))
      throw refused(name, `missing required option: "${wanted}"`);
  const { type = '' } = options;
  if (/^(nfs\d?|cifs|smb\d?)$/.test(type))
    throw new AppError('not_implemented', `create ${name}: type=${type}: the guest's kernel has no client of network file systems`);
}

/** Whether mount(8) is asked for a bind mount. */
function isBind(options: Labels): boolean {
  return (options['o'] ?? '').split(',').some((word) => word === 'bind' || word === 'rbind');
}

function refused(name: string, why: string): AppError {
  return new AppError('invalid', `create ${name}: ${why}`);
}
