import { AppError } from '../../../base/errors.ts';
import type { Container } from '../container.ts';
import type { HostSettings } from '../context.ts';
import { commandLine } from '../spec/merge-config.ts';

type Field = (container: Container, host: Pick<HostSettings, 'name'>) => string;

/** Methods and fields of daemon/logger/loginfo.go, Info, that are one text. */
const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['ID', ({ id }) => id.slice(0, 12)],
  ['FullID', ({ id }) => id],
  ['ContainerID', ({ id }) => id],
  ['Name', ({ name }) => name],
  ['ContainerName', ({ name }) => `/${name}`],
  ['ImageID', ({ identity }) => identity.imageId.slice(0, 12)],
  ['ImageFullID', ({ identity }) => identity.imageId],
  ['ContainerImageID', ({ identity }) => identity.imageId],
  ['ImageName', ({ config }) => config.Image],
  ['ContainerImageName', ({ config }) => config.Image],
  ['Command', ({ config }) => commandLine(config).join(' ')],
  ['Hostname', (_container, { name }) => name],
  ['DaemonName', () => 'docker'],
]);
/**
 * The option `tag` with its fields filled in (daemon/logger/loggerutils/log_tag.go). Pipelines and functions of Go's templates are not part of it:
 * what has them is refused, not left out.
 * @throws AppError invalid, in Go's words where Go would refuse it, too
 */
export function logTag(template: string, container: Container, host: Pick<HostSettings, 'name'>): string {
  let text = '';
  for (let at = 0; at < template.length;) {
    const open = template.indexOf('{{', at);
    if (open < 0) return text + template.slice(at);
    const close = template.indexOf('}}', open);
    if (close < 0) throw new AppError('invalid', 'template: log-tag:1: unclosed action');
    text += template.slice(at, open) + filledIn(template.slice(open + 2, close), { container, host, at: open + 2 });
    at = close + 2;
  }
  return text;
}

interface Place {
  readonly container: Container;
  readonly host: Pick<HostSettings, 'name'>;
  /** Of the action in its template. */
  readonly at: number;
}

function filledIn(action: string, { container, host, at }: Place): string {
  const word = action.trim();
  const name = word.slice(1);
  if (!word.startsWith('.') || !/^\w+$/.test(name))
    throw new AppError('invalid', `log option tag: {{${action}}} is more than this engine can fill in`);
  const field = fields.get(name);
  if (field !== undefined) return field(container, host);
  const where = `log-tag:1:${at + action.indexOf('.')}`;
  throw new AppError('invalid', `template: ${where}: executing "log-tag" at <.${name}>: can't evaluate field ${name} in type *logger.Info`);
}
