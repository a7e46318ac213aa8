import type { HttpRequest } from '../protocol/http.ts';
import type { Query } from './query.ts';
import { compareVersions } from './version.ts';

/** One request on its way to a route. */
export interface Call {
  readonly request: HttpRequest;
  /** "1.50": of the path, or the newest. */
  readonly version: string;
  readonly query: Query;
  /** What stands in the braces of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

export function isAtLeast(call: Call, version: string): boolean {
  return compareVersions(call.version, version) >= 0;
}
