import {
  emptyEndpoint,
  type ContainerInspect,
  type ContainerState as StateBody,
  type NetworkSettings,
} from '../../../protocol/engine-api.ts';
import { ownValue } from '../../../base/record.ts';
import { mainNetwork } from '../checks/mac-address.ts';
import { describeLinks } from '../links.ts';
import { describeEndpoints } from '../../networks/endpoint.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { Container } from '../container.ts';
import type { Health } from '../health/health.ts';
import { lowerDirectories, type Needs, overlayDirectories } from '../context.ts';
import { inspectedPorts } from './ports.ts';
import { sizeOfUpper } from './size.ts';
import { nameFilesFolder, nameFilesOwner } from '../spec/files.ts';
import { mountPoints } from '../mounts/mount-points.ts';
import { isActive, isRunning, never, type ContainerState } from '../state.ts';

/** GET /containers/{id}/json */
export async function inspectContainer(
  context: Needs<'store' | 'runtime' | 'networks' | 'host'>,
  reference: string,
  options: { readonly size: boolean },
): Promise<ContainerInspect> {
  const container = context.store.find(reference);
  const { id, identity, hostConfig, state } = container;
  const [path = '', ...args] = identity.command;
  const sizes = options.size ? await sizesOf(context, container) : {};
  const files = isRunning(state) || state.startedAt !== never ? nameFilesFolder(nameFilesOwner(context.store, container)) : null;
  return {
    Id: id,
    Created: rfc3339Nano(identity.created),
    Path: path,
    Args: args,
    State: describeState(state, container.health),
    Image: identity.imageId,
    ResolvConfPath: files === null ? '' : `${files}/resolv.conf`,
    HostnamePath: files === null ? '' : `${files}/hostname`,
    HostsPath: files === null ? '' : `${files}/hosts`,
    LogPath: '',
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: runningExecs(container),
    HostConfig: { ...hostConfig, Links: describeLinks(container) },
    GraphDriver: { Data: graphData(context, container), Name: 'overlay2' },
    ...sizes,
    Mounts: mountPoints(context.host, container.mounts),
    Config: withMac(container),
    NetworkSettings: networkSettings(context, container),
  };
}

/** What was asked of the main network, where clients before 1.44 look for it (daemon/inspect.go). */
function withMac({ config, endpoints, modes }: Container): ContainerInspect['Config'] {
  const main = mainNetwork(modes);
  const mac = main === null ? '' : (endpoints.get(main)?.asked.mac ?? '');
  return mac === '' ? config : { ...config, MacAddress: mac };
}

async function sizesOf(
  context: Needs<'runtime' | 'host'>,
  container: Container,
): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const written = await sizeOfUpper(context, container);
  return { SizeRw: written, SizeRootFs: written + container.identity.imageSize };
}

function describeState(state: ContainerState, health: Health | null): StateBody {
  return {
    Status: state.status,
    Running: isActive(state),
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: state.status === 'dead',
    Pid: isRunning(state) ? state.pid : 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health === null ? {} : { Health: describeHealth(health) }),
  };
}

function describeHealth({ status, failingStreak, log }: Health): NonNullable<StateBody['Health']> {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({ Start: start, End: end, ExitCode: exitCode, Output: output })),
  };
}

function runningExecs({ execs }: Container): string[] | null {
  const ids = [...execs.values()].filter(({ state }) => state.status !== 'exited').map(({ id }) => id);
  return ids.length === 0 ? null : ids;
}

function graphData({ host }: Needs<'host'>, { id, identity }: Container): Record<string, string> {
  const { upper, work, merged } = overlayDirectories(host, id);
  return {
    ID: id,
    LowerDir: lowerDirectories(host, { identity }).join(':'),
    MergedDir: merged,
    UpperDir: upper,
    WorkDir: work,
  };
}

/** The old members repeat the default bridge's endpoint. */
function networkSettings(context: Needs<'networks'>, container: Container): NetworkSettings {
  const endpoints = describeEndpoints(context.networks.store, container);
  const bridge = ownValue(endpoints, 'bridge') ?? emptyEndpoint;
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    Ports: inspectedPorts(context, container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID,
    Gateway: bridge.Gateway,
    GlobalIPv6Address: bridge.GlobalIPv6Address,
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen,
    IPAddress: bridge.IPAddress,
    IPPrefixLen: bridge.IPPrefixLen,
    IPv6Gateway: bridge.IPv6Gateway,
    MacAddress: bridge.MacAddress,
    Networks: endpoints,
  };
}
