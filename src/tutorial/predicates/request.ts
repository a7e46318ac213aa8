import type { ApiRequestEntry } from '../../protocol/log.ts';
import type { Matcher, RequestPredicate } from '../../protocol/tutorial-check.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, number, text } from '../check/container-fields.ts';
import type { LeafResult, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { containerName, findContainer, type Scene } from '../check/scene.ts';

/** A path pattern segment by segment: * is any, {web} is the container of that name however it was called. */
function pathMatches(pattern: string, path: string, scene: Scene): boolean {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  return wanted.length === parts.length && wanted.every((segment, index) => segmentMatches(segment, decode(parts[index] ?? ''), scene));
}

function segmentMatches(wanted: string, part: string, scene: Scene): boolean {
  const name = /^\{(.+)\}$/.exec(wanted)?.[1];
  if (name === undefined) return wanted === '*' || wanted === part;
  const meant = findContainer(scene.engine, part) ?? findContainer(scene.entry, part);
  return part === name || (meant !== undefined && containerName(meant) === name);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Docker reads everything but these as true (httputils.BoolValue). */
const isTrue = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());

const wantsBoolean = (matcher: Matcher): boolean =>
  typeof matcher === 'boolean' || (typeof matcher === 'object' && typeof matcher.not === 'boolean');

function queryReading(query: Readonly<Record<string, string>>, name: string, matcher: Matcher): Reading | undefined {
  const value = query[name];
  if (wantsBoolean(matcher)) return boolean(isTrue(value));
  return value === undefined ? undefined : text(value);
}

const succeeded: Matcher = { 'at-most': 399 };

function tests(match: RequestPredicate, entry: ApiRequestEntry, scene: Scene): FieldTest[] {
  const operand = (): undefined => undefined;
  const fields: FieldTest[] = Object.entries(match.query ?? {}).map(([name, matcher]) => ({
    field: `query.${name}`,
    matcher,
    reading: queryReading(entry.query, name, matcher),
    operand,
  }));
  fields.push({ field: 'status', matcher: match.status ?? succeeded, reading: number(entry.status), operand });
  if (match.transport !== undefined) fields.push({ field: 'transport', matcher: match.transport, reading: text(entry.transport), operand });
  if (match.closedBy !== undefined) fields.push({ field: 'closedBy', matcher: match.closedBy, reading: closedBy(entry, scene), operand });
  return fields;
}

function closedBy({ sequence }: ApiRequestEntry, { log }: Scene): Reading | undefined {
  const closed = log.find((entry) => entry.kind === 'request-closed' && entry.request === sequence);
  return closed?.kind === 'request-closed' ? text(closed.by) : undefined;
}

export function requestWants(match: RequestPredicate): readonly Want[] {
  const query = Object.entries(match.query ?? {}).map(([name, matcher]) => ({ field: `query.${name}`, matcher }));
  const rest = Object.entries({ status: match.status, transport: match.transport, closedBy: match.closedBy });
  return [...query, ...rest.flatMap(([field, matcher]) => (matcher === undefined ? [] : [{ field, matcher }]))];
}

function assessed(match: RequestPredicate, scene: Scene) {
  const asked = scene.log
    .filter((entry) => entry.kind === 'request')
    .filter(({ sequence, method, path }) => sequence > scene.horizon && method === match.method && pathMatches(match.path, path, scene));
  return asked.map((item) => ({ item, assessment: assess(tests(match, item, scene)) }));
}

export function checkRequest(match: RequestPredicate, scene: Scene): LeafResult {
  const best = nearest(assessed(match, scene));
  const miss = best?.assessment.miss ?? null;
  return {
    finding: {
      predicate: 'request',
      ok: best !== undefined && miss === null,
      method: match.method,
      path: match.path,
      wanted: requestWants(match),
      seen: best !== undefined,
      miss,
    },
    identity: best === undefined ? '' : String(best.item.sequence),
  };
}

export const countRequests = (match: RequestPredicate, scene: Scene): number =>
  assessed(match, scene).filter(({ assessment }) => assessment.miss === null).length;
