import { AppError } from '../../../base/errors.ts';

const createFailed = 'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ';
const inContainer = 'unable to start container process: error during container init: ';

/** What runc finds wrong with a configuration before there is a process, as Docker hands it on. */
export function runcRefuses(why: string): AppError {
  return new AppError('internal', `${createFailed}${why}: unknown`);
}

/** What runc's own process in the container fails at. */
export function runcInitFails(why: string): AppError {
  return runcRefuses(`${inContainer}${why}`);
}
