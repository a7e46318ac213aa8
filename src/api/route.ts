import type { Call } from './call.ts';
import type { Reply } from './respond.ts';

export interface Route {
  readonly method: string;
  /** "/images/{name}/json"; a name in braces takes one segment, `{name*}` any number. */
  readonly path: string;
  readonly run: (call: Call) => Promise<Reply>;
}

export function route(method: string, path: string, run: (call: Call) => Promise<Reply>): Route {
  return { method, path, run };
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export type RouteTable = (method: string, path: string) => RouteMatch | null;

/** The first route that fits wins, so literal paths stand before those with names. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const compiled = routes.map((each) => ({ route: each, pattern: pattern(each.path) }));
  return (method, path) => {
    for (const { route: each, pattern: expression } of compiled) {
      if (each.method !== method) continue;
      const match = expression.exec(path);
      if (match !== null) return { route: each, params: { ...match.groups } };
    }
    return null;
  };
}

function pattern(path: string): RegExp {
  const source = path
    .split('/')
    .map((segment) => {
      const name = /^\{(\w+)(\*?)\}$/.exec(segment);
      if (name === null) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return name[2] === '*' ? `(?<${name[1]}>.+)` : `(?<${name[1]}>[^/]+)`;
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
