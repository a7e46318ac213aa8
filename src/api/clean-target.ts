/**
 * Where Go's router sends a client whose path has empty segments, "." or ".." in it (gorilla/mux, cleanPath): "/v1.50//info" to "/v1.50/info". What is
 * escaped stays as it is. A path without them is returned as it came.
 */
export function cleanTarget(target: string): string {
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  if (!path.startsWith('/') || !/\/(?:\/|\.\.?(?:\/|$))/.test(path)) return target;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const clean = `/${kept.join('/')}${path.endsWith('/') && kept.length > 0 ? '/' : ''}`;
  return question < 0 ? clean : clean + target.slice(question);
}
