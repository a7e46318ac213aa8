import { directives, names, type Ask, type Completer } from './completion.ts';
import { containerNames, imageNames, networkNames, volumeNames } from './objects.ts';

const actions =
  `create start restart stop checkpoint pause unpause attach detach resize update rename kill die oom destroy remove commit top copy
  archive-path extract-to-dir export import save load tag untag push pull prune delete enable disable connect disconnect reload mount unmount
  exec_create exec_start exec_die exec_detach health_status`.split(/\s+/);
const types = 'builder config container daemon image network node plugin secret service volume'.split(' ');

/** What stands behind `KEY=`. */
const values: Readonly<Record<string, (ask: Ask) => Promise<readonly string[]> | readonly string[]>> = {
  container: (ask) => containerNames(ask),
  daemon: async ({ context }) => {
    const info = await context.client.get('/info');
    return [info.string('Name'), info.string('ID')];
  },
  event: () => actions,
  image: imageNames,
  label: () => [],
  network: networkNames,
  // A daemon that is no manager refuses; then there are none (docker/cli, nodeNames).
  node: ({ context }) =>
    context.client.get('/nodes').then(
      (nodes) => nodes.items().map((node) => node.get('Description').string('Hostname')),
      () => [],
    ),
  scope: () => ['local', 'swarm'],
  type: () => types,
  volume: volumeNames,
};
const keys = Object.keys(values);

/** `events --filter` (docker/cli, completeEventFilters). */
export const eventFilters: Completer = async (ask) => {
  const [key = '', ...others] = ask.typed.split('=');
  const list = others.length === 0 || !Object.hasOwn(values, key) ? undefined : values[key];
  if (list !== undefined) return names((await list(ask)).map((value) => `${key}=${value}`));
  const directive = others.length === 0 ? directives.noSpace : directives.noSpace | directives.noFiles;
  return names(
    keys.map((name) => `${name}=`),
    directive,
  );
};
