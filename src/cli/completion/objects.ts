import type { JsonView } from '../json.ts';
import { names, nothing, type Ask, type Completer } from './completion.ts';

type Accept = (container: JsonView, ask: Ask) => boolean;

/** Names of containers, links to them included (docker/cli, completion.ContainerNames). @param all those that do not run, too */
export function containers(all: boolean, accept: Accept = () => true): Completer {
  return async (ask) => names(await containerNames(ask, all, accept));
}

export async function containerNames(ask: Ask, all = true, accept: Accept = () => true): Promise<readonly string[]> {
  const { client, session } = ask.context;
  const list = await client.get('/containers/json', all ? { all: '1' } : {});
  const withIds = session.env['DOCKER_COMPLETION_SHOW_CONTAINER_IDS'] === 'yes';
  return list
    .items()
    .filter((container) => accept(container, ask))
    .flatMap((container) => [
      ...(withIds ? [container.string('Id')] : []),
      ...container.strings('Names').map((name) => name.replace(/^\//, '')),
    ]);
}

const state =
  (...wanted: readonly string[]): Accept =>
  (container) =>
    wanted.includes(container.string('State'));

const stopped = state('exited', 'created');

export const running = containers(false);
export const everyContainer = containers(true);
export const unpaused = containers(false, (container) => container.string('State') !== 'paused');
export const paused = containers(false, state('paused'));
export const startable = containers(true, stopped);
export const removable = containers(true, (container, ask) => ask.flags.find('force')?.changed === true || stopped(container, ask));
export const connected = containers(true, (container, { args: [network = ''] }) =>
  container
    .get('NetworkSettings')
    .entries('Networks')
    .some(([name]) => name === network),
);

/** @param limit words that are images; nothing stands after them */
export function images(limit = Infinity): Completer {
  return async (ask) => (ask.args.length >= limit ? nothing(ask) : names(await imageNames(ask)));
}

export async function imageNames({ context }: Ask): Promise<readonly string[]> {
  const list = await context.client.get('/images/json');
  return list.items().flatMap((image) => image.strings('RepoTags'));
}

export const networks: Completer = async (ask) => names(await networkNames(ask));

export async function networkNames({ context }: Ask): Promise<readonly string[]> {
  return (await context.client.get('/networks')).items().map((network) => network.string('Name'));
}

export const volumes: Completer = async (ask) => names(await volumeNames(ask));

export async function volumeNames({ context }: Ask): Promise<readonly string[]> {
  return (await context.client.get('/volumes')).list('Volumes').map((volume) => volume.string('Name'));
}

/** Those that were not named yet. @param limit words that are contexts; nothing stands after them */
export function contexts(limit = Infinity): Completer {
  return async (ask) => {
    if (ask.args.length >= limit) return nothing(ask);
    const current = await ask.context.contexts.current();
    const found = (await contextNames(ask)).filter((name) => !ask.args.includes(name));
    return names(found.map((name) => (name === current ? `${name}\tcurrent` : name)));
  };
}

export async function contextNames({ context }: Ask): Promise<readonly string[]> {
  return (await context.contexts.list()).map(({ Name }) => Name);
}
