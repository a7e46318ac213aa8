import { toAppError } from '../../../base/errors.ts';
import { compilePattern, type Pattern } from '../../../base/pattern.ts';
import type { Container } from '../container.ts';
import type { HostSettings } from '../context.ts';
import { logStartFailure } from './log-config.ts';
import { logTag } from './log-tag.ts';

/**
 * What json-file is told to keep beside each line, as `docker logs --details` shows it: "key=value" of the labels and variables that its options name
 * and the tag, sorted, in the escapes of a query (daemon/logger/loginfo.go, ExtraAttributes; daemon/logger/jsonfilelog).
 * @throws AppError internal, as at the start of the container, for a pattern or a template that is none
 */
export async function logDetails(container: Container, host: Pick<HostSettings, 'name'>): Promise<string> {
  const { LogConfig: logging } = container.hostConfig;
  const options = logging.Config ?? {};
  if (logging.Type !== 'json-file' || Object.keys(options).length === 0) return '';
  const labels = new Map(Object.entries(container.config.Labels ?? {}));
  const variables = new Map((container.config.Env ?? []).flatMap(assignment));
  try {
    const kept = new Map([
      ...chosen(labels, options['labels'], await pattern(options['labels-regex'])),
      ...chosen(variables, options['env'], await pattern(variables.size === 0 ? '' : options['env-regex'])),
    ]);
    const tag = logTag(options['tag'] ?? '', container, host);
    if (tag !== '') kept.set('tag', tag);
    const sorted = [...kept].sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([key, value]) => `${escaped(key)}=${escaped(value)}`).join(',');
  } catch (thrown) {
    throw logStartFailure(toAppError(thrown).message);
  }
}

function assignment(text: string): readonly (readonly [string, string])[] {
  const equals = text.indexOf('=');
  return equals < 0 ? [] : [[text.slice(0, equals), text.slice(equals + 1)]];
}

function pattern(text = ''): Promise<Pattern | null> {
  return text === '' ? Promise.resolve(null) : compilePattern(text);
}

/** Of all those that are named, and those that a pattern matches. */
function chosen(all: ReadonlyMap<string, string>, names = '', matching: Pattern | null): [string, string][] {
  const named = names === '' ? [] : names.split(',');
  return [...all].filter(([key]) => named.includes(key) || matching?.test(key) === true);
}

/** Go's url.QueryEscape. */
function escaped(text: string): string {
  const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replace(/[!'()*]/g, percent)
    .replaceAll('%20', '+');
}
