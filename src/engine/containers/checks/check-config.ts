import { AppError } from '../../../base/errors.ts';
import type { ContainerConfig, HostConfig } from '../../../protocol/engine-api.ts';
import type { GuestFacts } from '../../runtime.ts';
import { shimOf } from './runtime-name.ts';
import { checkHealth } from './check-health.ts';
import { checkPortBindings } from './check-ports.ts';
import { isAddress } from '../../../grammar/address.ts';
import { checkLogConfig } from '../log/log-config.ts';
import { isBind, type RequestedMount } from '../mounts/mount.ts';
import { checkRestartPolicy } from '../run/restart-policy.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import { normalizeCapabilities } from '../spec/capabilities.ts';
import { checkReadResources, checkResources } from '../spec/resources.ts';
import { parseSecurityOptions } from '../spec/security.ts';
import { checkSysctls } from '../spec/sysctls.ts';

/** daemon/container.go verifyContainerSettings and its platform part. @throws AppError invalid, in Docker's words */
export function checkConfig(config: ContainerConfig, hostConfig: HostConfig, cpus: number): void {
  if (config.WorkingDir !== '' && !config.WorkingDir.startsWith('/')) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  if (config.StopSignal !== undefined && config.StopSignal !== '') parseSignal(config.StopSignal);
  for (const variable of config.Env ?? []) {
    if (variable === '' || variable.startsWith('=')) throw invalid(`invalid environment variable: ${variable}`);
  }
  if (hostConfig.AutoRemove && !['', 'no'].includes(hostConfig.RestartPolicy.Name)) {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  checkHosts(hostConfig);
  checkHealth(config);
  checkPortBindings(hostConfig);
  checkSysctls(hostConfig);
  if (Object.hasOwn(hostConfig.Annotations ?? {}, ''))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key');
  checkRestartPolicy(hostConfig.RestartPolicy);
  checkIsolation(hostConfig);
  normalizeCapabilities('CapAdd', hostConfig.CapAdd ?? []);
  normalizeCapabilities('CapDrop', hostConfig.CapDrop ?? []);
  checkReadResources(hostConfig);
  checkResources(hostConfig, cpus);
  if (hostConfig.OomScoreAdj < -1000 || hostConfig.OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${hostConfig.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (hostConfig.ShmSize < 0) throw invalid('SHM size can not be less than 0');
  if (!['', 'runc'].includes(hostConfig.Runtime) && shimOf(hostConfig.Runtime) === null)
    throw invalid(`unknown or invalid runtime name: ${hostConfig.Runtime}`);
  parseSecurityOptions(hostConfig.SecurityOpt ?? [], hostConfig.Privileged);
  checkLogConfig(hostConfig.LogConfig);
  const [storage] = Object.keys(hostConfig.StorageOpt ?? {});
  if (storage !== undefined && storage !== 'size') throw new AppError('internal', `Unknown option ${storage}`);
  if (storage !== undefined)
    throw new AppError('internal', "--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
}

/** `--mount` does not make its source, as `-v` does. @throws AppError invalid, in Docker's words */
export async function checkBindSources(facts: GuestFacts, mounts: readonly RequestedMount[]): Promise<void> {
  const wanted = mounts.filter(isBind).flatMap(({ source, creates }) => (creates ? [] : [source]));
  const found = wanted.length === 0 ? [] : await facts.inspect(wanted.map((path) => ({ op: 'stat', path })));
  const missing = wanted.find((_, index) => found[index]?.errno !== 0);
  if (missing !== undefined) throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${missing}`);
}

/** Sources of `-v` that a start will make: a client on another machine may have meant files of its own. */
export async function warnOfMissingSources(facts: GuestFacts, mounts: readonly RequestedMount[]): Promise<string[]> {
  const made = mounts.filter(isBind).flatMap(({ source, creates }) => (creates ? [source] : []));
  const found = made.length === 0 ? [] : await facts.inspect(made.map((path) => ({ op: 'stat', path })));
  return made
    .filter((_, index) => found[index]?.errno !== 0)
    .map(
      (path) =>
        `${path} is a path of the guest and not there: it will be an empty folder. The engine shows folders of yours with --share DIR`,
    );
}

function checkHosts({ ExtraHosts: extraHosts }: HostConfig): void {
  for (const entry of extraHosts ?? []) {
    const colon = entry.indexOf(':');
    if (colon <= 0) throw invalid(`bad format for add-host: "${entry}"`);
    const address = entry.slice(colon + 1);
    if (address !== 'host-gateway' && !isAddress(address)) throw invalid(`invalid IP address in add-host: "${address}"`);
  }
}

function checkIsolation({ Isolation: isolation }: HostConfig): void {
  if (!['', 'default'].includes(isolation.toLowerCase())) throw invalid(`invalid isolation (${isolation}): linux only supports 'default'`);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
