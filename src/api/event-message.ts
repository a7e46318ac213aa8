import { ownValue } from '../base/record.ts';
import type { EventMessage } from '../protocol/engine-api.ts';
import type { EngineEventEntry } from '../protocol/log.ts';
import type { Filters } from './backend.ts';

/** An entry as a line of GET /events. By hand at its end: 64-bit nanoseconds are more than a JavaScript number holds. */
export function eventJson(event: EngineEventEntry): string {
  const { type, action, actor, timeNano } = event;
  const message: Omit<EventMessage, 'timeNano'> = {
    ...(type === 'container' || type === 'image' ? { status: action, id: actor.id } : {}),
    ...(type === 'container' ? { from: actor.attributes['image'] ?? '' } : {}),
    Type: type,
    Action: action,
    Actor: { ID: actor.id, Attributes: actor.attributes },
    scope: 'local',
    time: Number(BigInt(timeNano) / 1_000_000_000n),
  };
  return `${JSON.stringify(message).slice(0, -1)},"timeNano":${timeNano}}`;
}

/** These actions are written with what they did behind a colon; a filter may name them without it. */
const prefixActions = ['health_status', 'exec_create', 'exec_start'];

/** These are beginnings of an ID or a name. */
const nameFilters: ReadonlySet<string> = new Set('container network volume daemon plugin node service secret config'.split(' '));

/** Moby: daemon/events/filter.go. Values of one filter are alternatives, filters must all hold. */
export function eventMatches(event: EngineEventEntry, filters: Filters): boolean {
  return Object.entries(filters).every(([name, values]) => values.length === 0 || matchesFilter(event, name, values));
}

function matchesFilter(event: EngineEventEntry, name: string, values: readonly string[]): boolean {
  const { type, action, actor } = event;
  switch (name) {
    case 'event': {
      const prefix = values.some((value) => prefixActions.includes(value));
      return values.some((value) => (prefix ? action.startsWith(value) : action === value));
    }
    case 'type':
      return values.includes(type);
    case 'scope':
      return values.includes('local');
    case 'label':
      return values.every((value) => hasLabel(actor.attributes, value));
    case 'image':
      return matchesImage(event, values);
    default:
      // Whatever type the event is of; a name nobody knows filters nothing.
      if (!nameFilters.has(name)) return true;
      return values.some((value) => actor.id.startsWith(value) || (actor.attributes['name'] ?? '').startsWith(value));
  }
}

function hasLabel(attributes: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(attributes, wanted);
  return ownValue(attributes, wanted.slice(0, equals)) === wanted.slice(equals + 1);
}

/** By ID, name, or name without its tag. */
function matchesImage({ type, actor }: EngineEventEntry, values: readonly string[]): boolean {
  const name = actor.attributes[type === 'image' ? 'name' : 'image'] ?? '';
  return values.includes(actor.id) || values.includes(name) || values.includes(withoutTag(name));
}

function withoutTag(name: string): string {
  const last = name.lastIndexOf('/') + 1;
  const at = name.indexOf('@', last);
  const end = at >= 0 ? at : name.lastIndexOf(':');
  return end < last ? name : name.slice(0, end);
}
