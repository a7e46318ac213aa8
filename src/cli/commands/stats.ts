import { containerPath, jsonValues } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { JsonView } from '../json.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { shortId } from '../../grammar/units.ts';
import { renderStats, type ContainerStats, type StatsFormat } from '../format/stats.ts';
import { FollowedStats } from './followed-stats.ts';

interface StatsOptions extends StatsFormat {
  readonly all: boolean;
}

export const stats: Command = {
  use: 'stats [OPTIONS] [CONTAINER...]',
  short: 'Display a live stream of container(s) resource usage statistics',
  spellings: 'docker container stats, docker stats',
  arity: { rule: 'atLeast', count: 0 },
  support: full,
  setup(flags) {
    const all = flags.bool('all', 'a', 'Show all containers (default shows just running)', full);
    const noStream = flags.bool('no-stream', '', 'Disable streaming stats and only pull the first result', full);
    const noTrunc = flags.bool('no-trunc', '', 'Do not truncate output', full);
    const format = flags.string('format', '', listFormatUsage, full);
    return (context, names) => {
      const options = { all: all.value, format: format.value, truncate: !noTrunc.value };
      return noStream.value ? once(context, names, options) : live(context, names, options);
    };
  },
};

async function once(context: CliContext, names: readonly string[], options: StatsOptions): Promise<void> {
  const targets = names.length > 0 ? names : await listed(context, options.all);
  const failures: string[] = [];
  const rows: ContainerStats[] = [];
  for (const [index, result] of (await Promise.allSettled(targets.map((name) => read(context, name)))).entries()) {
    if (result.status === 'fulfilled') rows.push(result.value);
    else if (names.length > 0) failures.push(messageOf(result.reason));
    else rows.push({ container: targets[index] ?? '', latest: null });
  }
  if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
  await context.out(await renderStats(rows, options, context.signal));
}

async function listed(context: CliContext, all: boolean): Promise<readonly string[]> {
  const containers = await context.client.get('/containers/json', { all: all ? '1' : undefined });
  return containers.items().map((container) => shortId(container.string('Id')));
}

async function read(context: CliContext, name: string): Promise<ContainerStats> {
  const answer = await context.client.get(`${containerPath(name)}/stats`, { stream: '0' });
  return { container: name, latest: answer };
}

async function live(context: CliContext, names: readonly string[], options: StatsOptions): Promise<void> {
  const list = new FollowedStats(context, options, names.length === 0);
  for (const name of names) await context.client.get(`${containerPath(name)}/json`).then(() => list.follow(name));
  if (names.length > 0) return list.untilAllEnd();
  // Asked before the list, so that no start is missed.
  const query = { filters: JSON.stringify({ type: { container: true } }) };
  const events = await context.client.stream('GET', '/events', { query });
  for (const id of await listed(context, options.all)) list.follow(id);
  await Promise.race([list.failed, followEvents(jsonValues(events), list, options.all)]);
}

/** Containers come and go. */
async function followEvents(events: AsyncIterable<JsonView>, list: FollowedStats, all: boolean): Promise<void> {
  await list.draw();
  for await (const event of events) {
    const id = shortId(event.get('Actor').string('ID'));
    const action = event.string('Action');
    if (action === 'start') list.follow(id);
    else if (action === 'destroy' || (action === 'die' && !all)) await list.forget(id);
  }
}
