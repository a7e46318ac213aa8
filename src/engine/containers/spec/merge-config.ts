import { AppError } from '../../../base/errors.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import type { ContainerConfig, ImageConfig } from '../../../protocol/engine-api.ts';

/** daemon/commit.go merge: what the user left open comes from the image. @throws AppError invalid "no command specified" */
export function mergeConfig(user: ContainerConfig, image: ImageConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...user,
    User: user.User === '' ? image.User : user.User,
    WorkingDir: user.WorkingDir === '' ? image.WorkingDir : user.WorkingDir,
    Env: mergeEnvironment(user.Env ?? [], image.Env ?? []),
    Labels: sorted({ ...image.Labels, ...user.Labels }),
    ...mergeCommand(user, image),
  };
  const exposed = { ...image.ExposedPorts, ...user.ExposedPorts };
  if (Object.keys(exposed).length > 0) merged.ExposedPorts = exposed;
  const volumes = { ...image.Volumes, ...user.Volumes };
  merged.Volumes = Object.keys(volumes).length > 0 ? volumes : null;
  if (isUnset(user.StopSignal) && !isUnset(image.StopSignal)) merged.StopSignal = image.StopSignal;
  const health = mergeHealth(user.Healthcheck, image.Healthcheck);
  if (health !== undefined) merged.Healthcheck = health;
  if (user.Shell === undefined && image.Shell !== undefined) merged.Shell = image.Shell;
  if ((merged.Entrypoint ?? []).length === 0 && (merged.Cmd ?? []).length === 0) throw new AppError('invalid', 'no command specified');
  return merged;
}

/** Entrypoint and Cmd as one line. */
export function commandLine({ Entrypoint: entrypoint, Cmd: command }: Pick<ContainerConfig, 'Entrypoint' | 'Cmd'>): string[] {
  return [...(entrypoint ?? []), ...(command ?? [])];
}

/** An entrypoint of the user's drops the image's command; [""] drops the image's entrypoint. */
function mergeCommand(user: ContainerConfig, image: ImageConfig): Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> {
  const own = user.Entrypoint;
  if (own !== null && own.length > 0) return { Entrypoint: own.length === 1 && own[0] === '' ? null : own, Cmd: user.Cmd };
  const command = user.Cmd !== null && user.Cmd.length > 0 ? user.Cmd : image.Cmd;
  return { Entrypoint: own ?? image.Entrypoint, Cmd: command };
}

/** As Go writes a map. */
function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));
}

type Health = ContainerConfig['Healthcheck'];

/** What the user left out, or said as 0, is the image's. */
function mergeHealth(user: Health, image: Health): Health {
  if (user === undefined || image === undefined) return user ?? image;
  const orImage = (name: 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval' | 'Retries'): Integer | undefined =>
    user[name] === undefined || user[name] === 0 ? image[name] : user[name];
  const values = {
    Test: user.Test === undefined || user.Test.length === 0 ? image.Test : user.Test,
    Interval: orImage('Interval'),
    Timeout: orImage('Timeout'),
    StartPeriod: orImage('StartPeriod'),
    StartInterval: orImage('StartInterval'),
    Retries: orImage('Retries'),
  };
  return { ...user, ...values };
}

function mergeEnvironment(user: readonly string[], image: readonly string[]): string[] {
  const names = new Set(user.map(nameOf));
  return [...user, ...image.filter((variable) => !names.has(nameOf(variable)))];
}

function nameOf(assignment: string): string {
  return assignment.split('=', 1)[0] ?? '';
}

function isUnset(text: string | undefined): boolean {
  return text === undefined || text === '';
}
