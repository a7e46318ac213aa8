import { AppError } from '../../base/errors.ts';
import { utf8 } from '../../base/bytes.ts';
import type { EventLog } from '../../protocol/log.ts';
import { encoded } from '../byte-stream.ts';
import { eventJson, eventMatches } from '../event-message.ts';
import { eventSource } from '../event-source.ts';
import { parseFilters } from '../filters.ts';
import type { Query } from '../query.ts';
import { liveStream } from '../respond.ts';
import { route, type Route } from '../route.ts';

export function eventRoutes(log: EventLog): readonly Route[] {
  return [
    /** @docker rest "GET /events" full */
    route('GET', '/events', ({ query }) => {
      const { since, until } = period(query);
      const filters = parseFilters(query.text('filters'));
      const events = eventSource(log, { since, until, wanted: (event) => eventMatches(event, filters) });
      return Promise.resolve(liveStream(encoded(events, (event) => utf8(`${eventJson(event)}\n`))));
    }),
  ];
}

function period(query: Query): { readonly since: bigint | null; readonly until: bigint | null } {
  const since = query.time('since') ?? null;
  const until = query.time('until') ?? null;
  if (since !== null && until !== null && until < since) {
    throw new AppError('invalid', `\`since\` time (${query.text('since')}) cannot be after \`until\` time (${query.text('until')})`);
  }
  return { since, until };
}
