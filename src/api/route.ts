import type { Call } from './call.ts';
import type { Reply } from './respond.ts';

export interface Route {
  readonly method: string;
  /** "/images/{name}/json"; a name in braces takes any number of segments, as in moby: names of images have slashes, of containers a leading one. */
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
      const name = /^\{(\w+)\}$/.exec(segment)?.[1];
      return name === undefined ? segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : `(?<${name}>.+)`;
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
