import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { JsonView } from '../json.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { shortId } from '../format/units.ts';
import { renderRows } from '../format/table.ts';
import { statsHeadings, statsRow, statsTable, type ContainerStats } from '../format/stats.ts';

interface StatsOptions {
  readonly all: boolean;
  readonly format: string;
  readonly truncate: boolean;
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
  await context.out(render(rows, options));
}

async function listed(context: CliContext, all: boolean): Promise<readonly string[]> {
  const containers = await context.client.get('/containers/json', { all: all ? '1' : undefined });
  return containers.items().map((container) => shortId(container.string('Id')));
}

async function read(context: CliContext, name: string): Promise<ContainerStats> {
  const answer = await context.client.get(`${containerPath(name)}/stats`, { stream: '0' });
  return { container: name, latest: answer };
}

function render(rows: readonly ContainerStats[], { format, truncate }: StatsOptions): string {
  const isTable = format === '' || format === 'table';
  return renderRows({ format: isTable ? statsTable : format, headings: statsHeadings, rows: rows.map((row) => statsRow(row, truncate)) });
}

/** Redraws the table whenever a container has new figures; follows containers that start and go unless names were given. */
async function live(context: CliContext, names: readonly string[], options: StatsOptions): Promise<void> {
  const known = new Map<string, ContainerStats>();
  // Home, every line erased to its end, then everything below.
  const redraw = (): Promise<void> => {
    const lines = render([...known.values()], options).split('\n');
    return context.out(`\x1b[H${lines.map((line) => `${line} \x1b[K\n`).join('')}\x1b[J`);
  };
  const running = new Map<string, Promise<void>>();
  const follow = (name: string): void => {
    if (running.has(name)) return;
    known.set(name, { container: name, latest: null });
    const following = followOne(context, name, async (latest) => {
      if (!known.has(name)) return;
      known.set(name, { container: name, latest });
      await redraw();
    });
    running.set(name, following);
  };
  const initial = names.length > 0 ? names : await listed(context, options.all);
  for (const name of initial) await context.client.get(`${containerPath(name)}/json`).then(() => follow(name));
  if (names.length > 0) return void (await Promise.all(running.values()));
  await redraw();
  const filters = JSON.stringify({ type: { container: true } });
  for await (const event of context.client.jsonStream('GET', '/events', { query: { filters } })) {
    const id = shortId(event.get('Actor').string('ID'));
    const action = event.string('Action');
    if (action === 'start') follow(id);
    else if (action === 'destroy' || (action === 'die' && !options.all)) {
      known.delete(id);
      running.delete(id);
      await redraw();
    }
  }
}

async function followOne(context: CliContext, name: string, show: (latest: JsonView) => Promise<void>): Promise<void> {
  for await (const latest of context.client.jsonStream('GET', `${containerPath(name)}/stats`, { query: { stream: '1' } }))
    await show(latest);
}
