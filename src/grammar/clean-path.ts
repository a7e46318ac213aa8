/** Go's path.Clean, which is filepath.Clean on Linux: no "." but of nothing, ".." in front of a relative path alone, no doubled or trailing slash. */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!isAbsolute) parts.push(part);
  }
  const joined = parts.join('/');
  return isAbsolute ? `/${joined}` : joined === '' ? '.' : joined;
}

/** The same from the root on, whether a slash stands in front or not. */
export const cleanFromRoot = (path: string): string => cleanPath(`/${path}`);
