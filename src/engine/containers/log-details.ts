import { compilePattern } from '../../base/pattern.ts';
import type { Container } from './container.ts';

type Pair = readonly [name: string, value: string];

/**
 * What `--log-opt labels=…,env=…` and their regular expressions add to each line of `docker logs --details`: "FOO=bar,tier=web"
 * (daemon/logger/loginfo.go, ExtraAttributes). '' without any.
 */
export async function logDetails({ config, hostConfig }: Container): Promise<string> {
  const options = hostConfig.LogConfig.Config ?? {};
  const labels = Object.entries(config.Labels ?? {});
  const variables = (config.Env ?? []).map((assignment): Pair => {
    const equals = assignment.indexOf('=');
    return equals < 0 ? [assignment, ''] : [assignment.slice(0, equals), assignment.slice(equals + 1)];
  });
  const found = new Map([
    ...named(labels, options['labels']),
    ...(await matching(labels, options['labels-regex'])),
    ...named(variables, options['env']),
    ...(await matching(variables, options['env-regex'])),
  ]);
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .join(',');
}

function named(pairs: readonly Pair[], names: string | undefined): Pair[] {
  const wanted = new Set(names?.split(','));
  return pairs.filter(([name]) => wanted.has(name));
}

async function matching(pairs: readonly Pair[], pattern: string | undefined): Promise<Pair[]> {
  if (pattern === undefined || pattern === '') return [];
  const compiled = await compilePattern(pattern);
  return pairs.filter(([name]) => compiled.test(name));
}

/** url.QueryEscape of Go. */
function escape(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}
