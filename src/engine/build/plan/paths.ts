import { cleanFromRoot, cleanPath } from '../../../grammar/clean-path.ts';

/** A path as seen from a folder, clean. */
export function absolute(folder: string, path: string): string {
  return cleanFromRoot(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** As `absolute`, with the `/` at the end that says that it is a directory; so does ".". */
export function destinationPath(folder: string, path: string): string {
  if (path === '') return folder;
  const found = absolute(folder, path);
  const isFolder = path === '.' || path.endsWith('/') || path.endsWith('/.');
  return isFolder && found !== '/' ? `${found}/` : found;
}

export function baseName(path: string): string {
  return cleanPath(path).split('/').at(-1) ?? '';
}
