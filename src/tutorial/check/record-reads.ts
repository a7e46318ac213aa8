import type { Observation } from './observation.ts';

/** A fact that was looked at: `engine.containers[web].State.Running`, and what it was, as JSON. */
export interface FactRead {
  readonly fact: string;
  readonly value: string;
}

/** For one look of one leaf; a check of a long log reads each entry. */
const mostReads = 200;
const longestValue = 120;

/** The same observation, of which it is kept what was read. For who writes a tutorial: it costs what a production check should not. */
export function recordReads(observation: Observation): { readonly observation: Observation; reads(): readonly FactRead[] } {
  const found = new Map<string, string>();
  const note = (fact: string, value: unknown): void => {
    if (found.size < mostReads || found.has(fact)) found.set(fact, textOf(value));
  };

  const watch = <T extends object>(value: T, path: string): T =>
    new Proxy(value, {
      get(target, key) {
        const inner: unknown = Reflect.get(target, key);
        if (typeof key === 'symbol' || typeof inner === 'function' || (key === 'length' && Array.isArray(target))) return inner;
        if (typeof inner === 'object' && inner !== null) return watch(inner, `${path}${stepTo(target, key, inner)}`);
        note(`${path}${stepTo(target, key, inner)}`, inner);
        return inner;
      },
    });

  return {
    observation: {
      ...observation,
      engine: watch(observation.engine, 'engine'),
      entry: watch(observation.entry, 'entry'),
      log: watch(observation.log, 'log'),
      guest: {
        async read(query) {
          const answer = await observation.guest.read(query);
          note(`guest ${query.op} ${query.path}`, answer);
          return answer;
        },
        async probe(request) {
          const answer = await observation.guest.probe(request);
          note(`port ${request.port} ${request.method} ${request.path}`, answer);
          return answer;
        },
      },
    },
    reads: () => Array.from(found, ([fact, value]) => ({ fact, value })),
  };
}

/** Elements of lists are called by what they are called in the engine. */
function stepTo(list: object, key: string, inner: unknown): string {
  if (!Array.isArray(list)) return `.${key}`;
  return `[${nameOf(inner) ?? key}]`;
}

function nameOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('sequence' in value && typeof value.sequence === 'number') return `#${value.sequence}`;
  if ('Name' in value && typeof value.Name === 'string') return value.Name.replace(/^\//, '');
  return 'Id' in value && typeof value.Id === 'string' ? value.Id.replace(/^sha256:/, '').slice(0, 12) : null;
}

function textOf(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`;
}
