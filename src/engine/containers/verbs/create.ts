import { AppError } from '../../../base/errors.ts';
import {
  type ContainerConfig,
  type ContainerCreateResponse,
  type CreateContainerBody,
  type HostConfig,
} from '../../../protocol/engine-api.ts';
import { checkPlatform } from '../../images/platform.ts';
import { newEndpoint, nothingAsked, type EndpointRequest } from '../../networks/endpoint.ts';
import { isUserDefined } from '../../networks/network.ts';
import type { NetworkStore } from '../../networks/store.ts';
import { randomId, type Random } from '../../random.ts';
import type { VolumeStore } from '../../volumes/store.ts';
import { checkBindSources, checkConfig, warnOfMissingSources } from '../checks/check-config.ts';
import { checkHealth } from '../checks/check-health.ts';
import { checkNetwork, endpointsAsked } from '../checks/check-network.ts';
import { Container, type Link } from '../container.ts';
import { checkWorkingDirectory } from '../files/working-directory.ts';
import { logContainerEvent, lowerDirectories, type Needs } from '../context.ts';
import { createWarnings, discardResources } from '../checks/discarded.ts';
import { macWarning, mainNetwork, withMainMac } from '../checks/mac-address.ts';
import { containerMode, parseModes, type NamespaceModes } from '../modes.ts';
import {
  isVolume,
  type BindMount,
  type ContainerMount,
  type ImageMount,
  type RequestedMount,
  type TmpfsMount,
  type VolumeMount,
  type VolumeRequest,
} from '../mounts/mount.ts';
import { declaredVolumes, parseMounts } from '../mounts/parse-mounts.ts';
import { mountsFrom } from '../mounts/volumes-from.ts';
import { removeContainer } from './remove.ts';
import { maskedPaths, readonlyPaths } from '../spec/hidden-paths.ts';
import { commandLine, mergeConfig } from '../spec/merge-config.ts';
import { findLinked, registerLinks } from '../links.ts';
import { checkName, makeName } from '../names.ts';
import { withDefaultSwap } from '../spec/resources.ts';
import type { ContainerStore } from '../store.ts';

export interface CreateOptions {
  /** '' makes one up. */
  readonly name: string;
  /** "os[/architecture[/variant]]", '' for the guest's own. */
  readonly platform: string;
  readonly body: CreateContainerBody;
}

type CreateContext = Needs<'store' | 'images' | 'networks' | 'volumes' | 'events' | 'clock' | 'random' | 'next' | 'host'>;
type FilesContext = Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'host' | 'views'>;

/** As `createContainer`, once the sources of `--mount` are seen to be there. What its image does not let it have takes the container along. */
export async function createCheckedContainer(
  context: CreateContext & FilesContext,
  options: CreateOptions,
): Promise<ContainerCreateResponse> {
  const mounts = parseMounts(options.body.HostConfig);
  await checkBindSources(context.runtime.facts, mounts);
  const warnings = context.host.clientsOutside ? await warnOfMissingSources(context.runtime.facts, mounts) : [];
  const created = createContainer(context, options, mounts);
  const container = context.store.byId(created.Id);
  if (container !== null) await setUpFiles(context, container, options.body.WorkingDir ?? '');
  return { ...created, Warnings: [...created.Warnings, ...warnings] };
}

/** daemon/create_unix.go, createContainerOSSpecificSettings. @param workingDirectory the client's own */
async function setUpFiles(context: FilesContext, container: Container, workingDirectory: string): Promise<void> {
  try {
    await checkWorkingDirectory(context, container, workingDirectory);
    await fillVolumes(context, container);
  } catch (thrown) {
    await container.locked((locked) => removeContainer(context, locked, { volumes: true })).catch(() => undefined);
    throw thrown;
  }
}

/** daemon/create_unix.go, populateVolumes: what the image has where an empty volume comes. */
async function fillVolumes({ volumes, host }: Needs<'volumes' | 'host'>, container: Container): Promise<void> {
  for (const { name, target, subpath } of container.toFill) {
    await volumes.fill(name, container.id, {
      layers: lowerDirectories(host, container),
      view: `/run/drydock/volumes/${container.id}`,
      path: target,
      subpath,
    });
  }
}

/** POST /containers/create. @throws AppError not_found "No such image: x:latest", conflict for a name in use, invalid in Docker's words */
export function createContainer(
  context: CreateContext,
  { name, platform, body }: CreateOptions,
  requested: readonly RequestedMount[] = parseMounts(body.HostConfig),
): ContainerCreateResponse {
  const { HostConfig: givenHostConfig, NetworkingConfig: _, ...userConfig } = body;
  const { resources: hostConfig, warnings } = discardResources(completeHostConfig(context, givenHostConfig), context.host);
  const modes = parseModes(hostConfig);
  const networks = context.networks.store;
  const endpoints = withMainMac(userConfig, endpointsAsked(body), mainNetwork(modes));
  checkConfig(userConfig, hostConfig, context.host.cpus);
  checkNetwork(userConfig, hostConfig, { endpoints, networks, modes });
  findNeighbours(context.store, modes);
  if (userConfig.Image === '' && commandLine(userConfig).length === 0) throw new AppError('invalid', 'no command specified');
  const image = context.images.resolve(userConfig.Image);
  checkPlatform(platform, userConfig.Image, image);
  const { MacAddress: wideMac = '', ...merged } = mergeConfig(userConfig, image.config);
  checkHealth(merged);
  const layers = image.layers.map(({ directory }) => directory);
  const id = context.next.take(layers);
  const inherited = mountsFrom(context.store, hostConfig.VolumesFrom ?? []);
  const found = withImages(context, requested);
  const own = [...inherited.filter(({ target }) => !requested.some((mount) => mount.target === target)), ...found];
  const wanted = [...own, ...declaredVolumes(merged, hostConfig.VolumeDriver, own)];
  const containerName = name === '' ? makeName(context.random, (candidate) => context.store.isNameTaken(candidate)) : checkName(name);
  context.store.reserveName(containerName, id);
  const links = linksOf(context, { name: containerName, hostConfig, modes });
  const config: ContainerConfig = { ...merged, Hostname: hostnameOf(context, merged, modes, id), Image: userConfig.Image };
  const mounts = withVolumes(context, wanted, () => context.store.releaseName(containerName));
  const identity = {
    id,
    created: context.clock.now(),
    imageId: image.id,
    layers,
    imageSize: image.size,
    config,
    command: commandLine(config),
    mounts,
  };
  const container = new Container(identity, containerName, { ...hostConfig, OomKillDisable: false, Links: null });
  const filled = new Set(wanted.filter((mount) => 'copies' in mount && mount.copies).map(({ target }) => target));
  container.toFill = mounts.filter(isVolume).filter(({ target }) => filled.has(target));
  for (const [network, asked] of config.NetworkDisabled === true ? [] : placesOf(networks, modes, endpoints))
    container.endpoints.set(network, newEndpoint(network, asked));
  context.store.add(container);
  registerLinks(context.store, container, links);
  logContainerEvent(context, container, 'create', {}, { image: config.Image, imageId: image.id, command: identity.command });
  const deprecated = wideMac === '' ? [] : [macWarning];
  const experimental = requested.some(({ type }) => type === 'image') ? ['Image mount is an experimental feature'] : [];
  return { Id: id, Warnings: [...deprecated, ...experimental, ...warnings, ...createWarnings(container)] };
}

/** With volumes that are there, made where they are not. @param undo for a name that the container has already */
function withVolumes(
  { volumes, random }: Needs<'volumes' | 'random'>,
  wanted: readonly (ContainerMount | VolumeRequest)[],
  undo: () => void,
): ContainerMount[] {
  try {
    return wanted.map((mount) => ('copies' in mount ? toVolume(volumes, random, mount) : mount));
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** With a layer of its own for each image that is mounted. @throws AppError not_found "No such image: x:latest" */
function withImages(
  { images, random }: Needs<'images' | 'random'>,
  requested: readonly RequestedMount[],
): (BindMount | TmpfsMount | VolumeRequest | ImageMount)[] {
  return requested.map((mount) => {
    if (mount.type !== 'image') return mount;
    const { id: imageId, layers } = images.resolve(mount.name);
    return { ...mount, imageId, layers: layers.map(({ directory }) => directory), id: randomId(random) };
  });
}

/** None on networks of the user's, where they belong to the endpoint. A name that was taken for nothing is free again. */
function linksOf(
  { store, networks }: Needs<'store' | 'networks'>,
  { name, hostConfig, modes }: { readonly name: string; readonly hostConfig: HostConfig; readonly modes: NamespaceModes },
): Link[] {
  const network = modes.network.kind === 'networks' ? networks.store.lookup(modes.network.main) : null;
  if (network !== null ? isUserDefined(network) : modes.network.kind === 'networks') return [];
  try {
    return findLinked(store, hostConfig.Links ?? []);
  } catch (thrown) {
    store.releaseName(name);
    throw thrown;
  }
}

function toVolume(volumes: VolumeStore, random: Random, request: VolumeRequest): VolumeMount {
  const { name: asked, target, mode, readOnly, anonymous, subpath, driver, labels, options } = request;
  const { name } = volumes.create({ name: asked === '' ? randomId(random) : asked, driver, labels, options });
  return { type: 'volume', name, target, mode, readOnly, anonymous, subpath };
}

/** What the daemon puts where the client left a gap, as inspect shows it. */
export function completeHostConfig({ store }: Needs<'store'>, given: HostConfig): HostConfig {
  const full = (mode: string): string => {
    const other = neighbour(store, containerMode(mode)?.reference ?? '');
    return other === null ? mode : `container:${other.id}`;
  };
  const network = given.NetworkMode === '' || given.NetworkMode === 'default' ? 'bridge' : full(given.NetworkMode);
  return withDefaultSwap({
    ...given,
    NetworkMode: network,
    PidMode: full(given.PidMode),
    IpcMode: given.IpcMode === '' ? 'private' : full(given.IpcMode),
    CgroupnsMode: given.CgroupnsMode === '' ? (given.Privileged ? 'host' : 'private') : given.CgroupnsMode,
    RestartPolicy: given.RestartPolicy.Name === '' ? { ...given.RestartPolicy, Name: 'no' } : given.RestartPolicy,
    MaskedPaths: given.MaskedPaths ?? (given.Privileged ? null : maskedPaths),
    ReadonlyPaths: given.ReadonlyPaths ?? (given.Privileged ? null : readonlyPaths),
    SecurityOpt: withoutLabels(given),
    ShmSize: given.ShmSize === 0 ? 64 * 1024 * 1024 : given.ShmSize,
    Runtime: given.Runtime === '' ? 'runc' : given.Runtime,
    LogConfig: given.LogConfig.Type === '' ? { Type: 'json-file', Config: given.LogConfig.Config ?? {} } : given.LogConfig,
  });
}

/** daemon/create.go, generateSecurityOpt: who shares processes or IPC with the host, or is privileged, has no label, whether the kernel knows labels or not. */
function withoutLabels({ SecurityOpt: given, PidMode: pid, IpcMode: ipc, Privileged: privileged }: HostConfig): HostConfig['SecurityOpt'] {
  const isLabelled = (given ?? []).some((option) => option.split('=')[0] === 'label');
  return isLabelled || !(privileged || pid === 'host' || ipc === 'host') ? given : [...(given ?? []), 'label=disable'];
}

/** @throws AppError invalid "No such container: x" for one whose processes or IPC are to be shared; of a network the start says it, as in Docker */
function findNeighbours(store: ContainerStore, { pid, ipc }: NamespaceModes): void {
  for (const mode of [pid, ipc]) {
    if (mode.kind !== 'container' || mode.reference === '' || neighbour(store, mode.reference) !== null) continue;
    throw new AppError('invalid', `No such container: ${mode.reference}`);
  }
}

/** null for a container that is not there: the start will say so, as in Docker. */
function neighbour(store: ContainerStore, reference: string): Container | null {
  try {
    return store.find(reference);
  } catch {
    return null;
  }
}

/** The first 12 digits of the ID, or what belongs to the network that is shared. */
function hostnameOf({ store, host }: Needs<'store' | 'host'>, config: ContainerConfig, { network }: NamespaceModes, id: string): string {
  const own = id.slice(0, 12);
  if (network.kind === 'container') return neighbour(store, network.reference)?.config.Hostname ?? own;
  if (config.Hostname !== '') return config.Hostname;
  return network.kind === 'host' ? host.name : own;
}

/**
 * The main network first, by its name where it has been called by that or by its full ID, the others by what they are called; where others alone are
 * asked for, the container is on those alone (daemon, updateContainerNetworkSettings).
 */
function placesOf(
  networks: NetworkStore,
  { network: mode }: NamespaceModes,
  endpoints: ReadonlyMap<string, EndpointRequest>,
): Map<string, EndpointRequest> {
  if (mode.kind === 'container') return new Map();
  if (mode.kind === 'host') return new Map([['host', endpoints.get('host') ?? nothingAsked], ...endpoints]);
  const { name, id } = networks.lookup(mode.main) ?? { name: mode.main, id: mode.main };
  if (endpoints.size === 0) return new Map([[name, nothingAsked]]);
  const key = endpoints.has(name) ? name : id;
  const main = endpoints.get(key);
  if (main === undefined) return new Map(endpoints);
  return new Map([[name, main], ...[...endpoints].filter(([other]) => other !== key)]);
}
