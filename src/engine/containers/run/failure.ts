import { AppError } from '../../../base/errors.ts';
import { errno } from '../../runtime.ts';

/** Docker's exit codes of a process that never ran (errors.go of daemon): not invocable, not found, anything else. */
const failureCode = { cannotInvoke: 126, notFound: 127, unknown: 128 } as const;

const createFailed =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ';
const execFailed = 'OCI runtime exec failed: exec failed: unable to start container process: ';

export interface Failure {
  readonly error: AppError;
  readonly exitCode: number;
}

/** Why a container did not start, in the words of Docker with runc (daemon/errors.go, translateContainerdStartErr). */
export function startFailure(error: AppError): Failure {
  return translate(error, createFailed);
}

/** Why an exec did not start; daemon/exec.go knows no "unknown": that is 126, too. */
export function execFailure(error: AppError): Failure {
  // What the engine says in runc's place is whole, and names its code.
  const { exitCode } = error.detail;
  if (typeof exitCode === 'number') return { error, exitCode };
  const failure = translate(error, execFailed);
  return failure.exitCode === failureCode.unknown ? { ...failure, exitCode: failureCode.cannotInvoke } : failure;
}

/** What Docker's daemon says itself, before the runtime is asked; null: it is the runtime's. */
function saidByDaemon(error: AppError): AppError | null {
  const { stage, errno: number } = error.detail;
  const cause = { cause: error, detail: error.detail };
  if (stage === 'network') return new AppError('internal', `failed to set up container networking: ${error.message}`, cause);
  if (stage === 'user') return new AppError('internal', error.message, cause);
  // moby's safepath has classes for two of its refusals.
  const kind = number === errno.ENOENT ? 'not_found' : number === errno.EXDEV ? 'invalid' : 'internal';
  return stage === 'source' ? new AppError(kind, error.message, cause) : null;
}

function translate(error: AppError, prefix: string): Failure {
  const { stage } = error.detail;
  // Before the runtime is asked: Docker's daemon says these itself, also of networks, that no place is left for an overlay, and that a user is not in /etc/passwd.
  if (stage === undefined || stage === 'storage' || error.kind === 'unavailable') return { error, exitCode: failureCode.unknown };
  const said = saidByDaemon(error);
  if (said !== null) return { error: said, exitCode: failureCode.unknown };
  // Docker makes the working directory itself, when the container is made (container.SetupWorkingDirectory).
  const notAFolder = stage === 'cwd' ? /^mkdir (.*): not a directory$/.exec(error.message)?.[1] : undefined;
  if (notAFolder !== undefined)
    return {
      error: new AppError('internal', `Cannot mkdir: ${notAFolder} is not a directory`, { cause: error }),
      exitCode: failureCode.unknown,
    };
  // runc takes a folder for a program without the permission.
  const isFolder = stage === 'lookup' && error.message.endsWith(': is a directory');
  let message = `${prefix}${error.message}${isFolder ? ': permission denied' : ''}: unknown`;
  const says = (words: string): boolean => message.toLowerCase().includes(words);
  let exitCode: number = failureCode.unknown;
  if (says('permission denied')) exitCode = failureCode.cannotInvoke;
  if (says('executable file not found') || says('no such file or directory')) exitCode = failureCode.notFound;
  if (says('not a directory')) {
    message +=
      ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';
    exitCode = failureCode.notFound;
  }
  const kind = exitCode === failureCode.unknown ? 'internal' : 'invalid';
  return { error: new AppError(kind, message, { cause: error, detail: error.detail }), exitCode };
}
