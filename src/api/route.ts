import { AppError } from '../base/errors.ts';
import type { Call } from './call.ts';
import type { Reply } from './respond.ts';

export interface Route {
  readonly method: string;
  /** "/images/{name}/json"; a name in braces takes any number of segments, as in moby: names of images have slashes, of containers a leading one. */
  readonly path: string;
  readonly run: (call: Call) => Promise<Reply>;
  /** It takes the connection over before it looks at anything, and says what is wrong as text on it (moby: postContainersAttach). */
  readonly hijacks?: boolean;
}

export function route(method: string, path: string, run: (call: Call) => Promise<Reply>): Route {
  return { method, path, run };
}

export function hijackingRoute(method: string, path: string, run: (call: Call) => Promise<Reply>): Route {
  return { method, path, run, hijacks: true };
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export type RouteTable = (method: string, path: string) => RouteMatch | null;

/** The first route that fits wins, so literal paths stand before those with names. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const compiled = routes.map((each) => ({ route: each, match: matcher(each.path) }));
  return (method, path) => {
    for (const { route: each, match } of compiled) {
      if (each.method !== method) continue;
      const params = match(path);
      if (params !== null) return { route: each, params };
    }
    return null;
  };
}

/** What stands before and behind the name is compared; what is between them is its value. */
function matcher(pattern: string): (path: string) => RouteMatch['params'] | null {
  const open = pattern.indexOf('{');
  if (open < 0) return (path) => (path === pattern ? {} : null);
  const close = pattern.indexOf('}', open);
  const [before, name, after] = [pattern.slice(0, open), pattern.slice(open + 1, close), pattern.slice(close + 1)];
  if (after.includes('{')) throw new AppError('internal', `${pattern}: a route has one name at most`);
  const shortest = before.length + after.length + 1;
  return (path) => {
    if (path.length < shortest || !path.startsWith(before) || !path.endsWith(after)) return null;
    return { [name]: path.slice(before.length, path.length - after.length) };
  };
}
