import { AppError } from '../../../base/errors.ts';
import { createPace } from '../../../base/pace.ts';
import type { ContainerSummary } from '../../../protocol/engine-api.ts';
import { describeEndpoints } from '../../networks/endpoint.ts';
import { unixSeconds } from '../../clock.ts';
import { hasLabel, patternFilter, type Filters } from '../../filters.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { listedPorts } from './ports.ts';
import { sizeOfUpper } from './size.ts';
import { mountPoints } from '../mounts/mount-points.ts';
import { isActive } from '../state.ts';
import { describeStatus } from './status-text.ts';

export interface ListOptions {
  readonly all: boolean;
  /** 0: all; -1 too, as old clients send it. */
  readonly limit: number;
  readonly size: boolean;
  readonly filters: Filters;
}

/** GET /containers/json, newest first. */
export async function listContainers(
  context: Needs<'store' | 'runtime' | 'images' | 'networks' | 'clock' | 'host'>,
  { all, limit, size, filters }: ListOptions,
): Promise<ContainerSummary[]> {
  const accepts = filter(context, filters);
  const isNamed = await named(filters['name'] ?? []);
  // A status filter, and a limit, look at stopped containers too (daemon/list.go).
  const everyState = all || limit > 0 || (filters['status'] ?? []).length > 0 || (filters['exited'] ?? []).length > 0;
  const pace = createPace();
  const chosen: Container[] = [];
  for (const container of context.store.all()) {
    if (pace.isDue()) await pace.turn();
    if ((everyState || isActive(container.state)) && accepts(container) && (await isNamed(container))) chosen.push(container);
    if (limit > 0 && chosen.length === limit) break;
  }
  return Promise.all(chosen.map((container) => summarize(context, container, size)));
}

/** With or without the slash of the API. */
async function named(patterns: readonly string[]): Promise<(container: Container) => Promise<boolean>> {
  if (patterns.length === 0) return () => Promise.resolve(true);
  const matches = await patternFilter('name', patterns);
  return ({ name }) => matches([name, `/${name}`]);
}

type Accepts = (container: Container) => boolean;

/** daemon/list.go: values of one name are alternatives (labels and networks excepted), names add up. */
function filter(context: Needs<'store' | 'images' | 'networks' | 'host'>, filters: Filters): Accepts {
  const tests: Accepts[] = [];
  const some = (name: string, test: (container: Container, value: string) => boolean): void => {
    const values = filters[name] ?? [];
    if (values.length > 0) tests.push((container) => values.some((value) => test(container, value)));
  };
  some('id', ({ id }, value) => id.startsWith(value));
  for (const status of filters['status'] ?? []) checkStatus(status);
  some('status', ({ state }, value) => state.status === value);
  for (const value of filters['exited'] ?? [])
    if (!/^[+-]?\d{1,18}$/.test(value))
      throw new AppError('invalid', `invalid filter 'exited=${value}': strconv.Atoi: parsing "${value}": invalid syntax`);
  some('exited', ({ state }, value) => state.status === 'exited' && state.exitCode === Number(value));
  some('ancestor', (container, value) => isAncestor(context, container, value));
  for (const value of filters['health'] ?? []) checkHealthFilter(value);
  for (const value of filters['expose'] ?? []) checkPortFilter('expose', value);
  for (const value of filters['publish'] ?? []) checkPortFilter('publish', value);
  some('health', ({ health }, value) => (health?.status ?? 'none') === value);
  some('network', ({ endpoints }, value) =>
    [...endpoints.values()].some(({ name, networkId }) => name === value || (networkId !== '' && networkId.startsWith(value))),
  );
  some('volume', ({ mounts }, value) =>
    mountPoints(context.host, mounts).some(({ Name, Source, Destination }) => (Name ?? Source) === value || Destination === value),
  );
  some('expose', ({ config }, value) => Object.keys(config.ExposedPorts ?? {}).some((port) => matchesPort(port, value)));
  some('publish', ({ publication }, value) =>
    (publication?.ports ?? []).some(({ inside, protocol }) => matchesPort(`${inside}/${protocol}`, value)),
  );
  some('is-task', (_container, value) => value === 'false' || value === '0');
  some('isolation', (_container, value) => value === 'default' || value === '');
  for (const label of filters['label'] ?? []) tests.push(({ config }) => hasLabel(config.Labels, label));
  const before = (filters['before'] ?? []).map((reference) => context.store.find(reference).identity.created);
  const since = (filters['since'] ?? []).map((reference) => context.store.find(reference).identity.created);
  if (before.length > 0) tests.push(({ identity }) => before.some((time) => identity.created < time));
  if (since.length > 0) tests.push(({ identity }) => since.some((time) => identity.created > time));
  return (container) => tests.every((test) => test(container));
}

function checkStatus(status: string): void {
  const known = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
  if (known.includes(status)) return;
  throw new AppError(
    'invalid',
    `invalid filter 'status=${status}': invalid value for state (${status}): must be one of ${known.join(', ')}`,
  );
}

function checkHealthFilter(health: string): void {
  const known = ['none', 'starting', 'healthy', 'unhealthy'];
  if (known.includes(health)) return;
  throw new AppError(
    'invalid',
    `invalid filter 'health=${health}': invalid value for health (${health}): must be one of ${known.join(', ')}`,
  );
}

/** docker/go-connections, nat.ParsePortRangeToInt; moby gives it no class. */
function checkPortFilter(name: 'expose' | 'publish', value: string): void {
  const [first = '', last = first] = (value.split('/', 1)[0] ?? '').split('-');
  for (const part of [first, last]) {
    if (/^\d+$/.test(part)) continue;
    throw new AppError('internal', `error while looking up for ${name} ${value}: strconv.ParseUint: parsing "${part}": invalid syntax`);
  }
}

function isAncestor({ images }: Needs<'images'>, { identity, config }: Container, reference: string): boolean {
  if (config.Image === reference) return true;
  try {
    return images.resolve(reference).id === identity.imageId;
  } catch {
    return false;
  }
}

/** "80", "80/tcp", "80-90/tcp" */
function matchesPort(port: string, wanted: string): boolean {
  const [number = '', protocol = 'tcp'] = port.split('/');
  const [range = '', wantedProtocol = 'tcp'] = wanted.split('/');
  const [first = '', last = first] = range.split('-');
  return protocol === wantedProtocol && Number(number) >= Number(first) && Number(number) <= Number(last);
}

async function summarize(
  context: Needs<'store' | 'runtime' | 'images' | 'networks' | 'clock' | 'host'>,
  container: Container,
  size: boolean,
): Promise<ContainerSummary> {
  const { identity, config, hostConfig, state } = container;
  const sizes = size ? { SizeRw: await sizeOfUpper(context, container), SizeRootFs: identity.imageSize } : {};
  if (sizes.SizeRw !== undefined) sizes.SizeRootFs += sizes.SizeRw;
  const current = context.images.byId(identity.imageId);
  return {
    Id: container.id,
    Names: context.store.namesOf(container).map((name) => `/${name}`),
    Image: current === null ? identity.imageId : imageShown(context, container),
    ImageID: identity.imageId,
    Command: commandShown(identity.command),
    Created: unixSeconds(identity.created),
    Ports: listedPorts(context, container),
    ...sizes,
    Labels: config.Labels ?? {},
    State: state.status,
    Status: describeStatus(state, context.clock.now(), container.health),
    HostConfig: {
      NetworkMode: hostConfig.NetworkMode,
      ...(hostConfig.Annotations === undefined ? {} : { Annotations: hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: describeEndpoints(context.networks.store, container) },
    Mounts: mountPoints(context.host, container.mounts),
  };
}

/** The name it was made with, unless that now means another image (daemon/list.go). */
function imageShown({ images }: Needs<'images'>, { identity, config }: Container): string {
  try {
    return images.resolve(config.Image).id === identity.imageId ? config.Image : identity.imageId;
  } catch {
    return identity.imageId;
  }
}

/** daemon/list.go: arguments with blanks stand in single quotes, the path never. */
function commandShown([path = '', ...args]: readonly string[]): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}
