import { AppError } from '../base/errors.ts';
import { toRecord } from '../base/record.ts';
import { emptyEndpoint, type CreateContainerBody, type UpdateContainerBody } from '../protocol/engine-api.ts';
import { isAtLeast, type Call } from './call.ts';

/** What a client of an older version means by its body, as moby's postContainersCreate reads it. @throws AppError invalid */
export function createBody(call: Call, body: CreateContainerBody): CreateContainerBody {
  const { HostConfig: host, NetworkingConfig: networking } = body;
  const endpoints = Object.keys(networking.EndpointsConfig ?? {});
  if (!isAtLeast(call, '1.44') && endpoints.length > 1)
    throw new AppError('invalid', `Container cannot be created with multiple network endpoints: ${endpoints.join(', ')}`);
  for (const mount of host.Mounts ?? []) refuseNewerMounts(call, mount);
  const { MacAddress: wide = '', ...config } = body;
  const { Annotations: annotations, ...rest } = host;
  const { StartInterval: _, ...health } = body.Healthcheck ?? {};
  return {
    ...(isAtLeast(call, '1.44') ? body : { ...config, NetworkingConfig: withWideMac(body, wide) }),
    ...(body.Healthcheck !== undefined && !isAtLeast(call, '1.44') ? { Healthcheck: health } : {}),
    HostConfig: {
      ...rest,
      ...(annotations !== undefined && isAtLeast(call, '1.43') ? { Annotations: annotations } : {}),
      // Up to 1.24 the client removes its container itself.
      AutoRemove: host.AutoRemove && isAtLeast(call, '1.25'),
      ConsoleSize: isAtLeast(call, '1.42') ? host.ConsoleSize : [0, 0],
      IpcMode: host.IpcMode === '' && !isAtLeast(call, '1.40') ? 'shareable' : host.IpcMode,
      // Of every version: 0 and whatever is negative is no limit.
      PidsLimit: host.PidsLimit !== null && host.PidsLimit > 0 ? host.PidsLimit : null,
    },
  };
}

/** Before 1.44 the one address is the container's; those of endpoints meant nothing (handleMACAddressBC). @throws AppError invalid */
function withWideMac({ HostConfig: host, NetworkingConfig: networking }: CreateContainerBody, wide: string): NetworkingConfig {
  const given = Object.entries(networking.EndpointsConfig ?? {});
  const mode = ['', 'default'].includes(host.NetworkMode) ? 'bridge' : host.NetworkMode;
  if (wide !== '' && (['none', 'host'].includes(mode) || mode.startsWith('container:')))
    throw new AppError('invalid', 'conflicting options: mac-address and the network mode');
  const endpoints = given.length > 0 || wide === '' ? given : [[mode, emptyEndpoint] as const];
  return { ...networking, EndpointsConfig: toRecord(endpoints.map(([name, asked]) => [name, { ...asked, MacAddress: wide }])) };
}

type NetworkingConfig = CreateContainerBody['NetworkingConfig'];

type Mount = NonNullable<CreateContainerBody['HostConfig']['Mounts']>[number];

function refuseNewerMounts(call: Call, { Type: type, BindOptions: bind, VolumeOptions: volume }: Mount): void {
  const refuse = (what: string, version: string, used: boolean): void => {
    if (used && !isAtLeast(call, version)) throw new AppError('invalid', `${what} needs API v${version} or newer`);
  };
  refuse('BindOptions.ReadOnlyForceRecursive', '1.44', bind?.ReadOnlyForceRecursive === true);
  refuse('VolumeOptions.Subpath', '1.45', (volume?.Subpath ?? '') !== '');
  refuse('Mount type "Image"', '1.48', type === 'image');
}

/** The same of moby's postContainerUpdate. 0 is no limit of processes, null leaves it as it is. */
export function updateBody(call: Call, body: UpdateContainerBody): UpdateContainerBody {
  const { PidsLimit: pids } = body;
  return { ...body, PidsLimit: pids === null || !isAtLeast(call, '1.40') ? null : pids > 0 ? pids : 0 };
}
