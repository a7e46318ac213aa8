import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { JsonView } from '../json.ts';
import { filterFlag } from '../flags/filters.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { engineTime } from '../engine-time.ts';
import { rfc3339NanoFixed } from '../../grammar/time.ts';
import { dockerTypes } from '../template/docker-types.ts';
import { decodeGo } from '../template/go-types.ts';
import { execute, parse } from '../template/index.ts';

export const events: Command = {
  use: 'events [OPTIONS]',
  short: 'Get real time events from the server',
  spellings: 'docker system events, docker events',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const since = flags.string('since', '', 'Show all events created since timestamp', full);
    const until = flags.string('until', '', 'Stream events until this timestamp', full);
    const format = flags.string('format', '', inspectFormatUsage, full);
    const filter = filterFlag(flags);
    return async (context) => {
      const show = await shower(format.value, context.signal);
      const query = {
        since: engineTime(since.value, context.now()),
        until: engineTime(until.value, context.now()),
        filters: filter.value.query,
      };
      for await (const event of context.client.jsonStream('GET', '/events', { query })) await context.out(`${await show(event)}\n`);
    };
  },
};

/** How an event is printed. A bad format fails before anything is asked. */
async function shower(format: string, signal: AbortSignal): Promise<(event: JsonView) => string | Promise<string>> {
  if (format === '') return eventText;
  try {
    const template = parse(format === 'json' ? '{{json .}}' : format);
    await execute(template, decodeGo(dockerTypes, '*events.Message', {}), { signal });
    return (event) => execute(template, decodeGo(dockerTypes, 'events.Message', event.json), { signal });
  } catch (error) {
    throw new StatusError(64, `Error parsing format: ${messageOf(error)}`);
  }
}

function eventText(event: JsonView): string {
  const nano = event.bigint('timeNano') || event.bigint('time') * 1_000_000_000n;
  const actor = event.get('Actor');
  const attributes = actor.labels('Attributes').map(([key, value]) => `${key}=${value}`);
  const time = nano === 0n ? '' : `${rfc3339NanoFixed(nano)} `;
  return `${time}${event.string('Type')} ${event.string('Action')} ${actor.string('ID')}${attributes.length === 0 ? '' : ` (${attributes.join(', ')})`}`;
}
