import { AppError } from '../../base/errors.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { JsonView } from '../json.ts';
import { familiarString, parseReference } from '../../grammar/reference.ts';
import { execute, parse, TemplateExecutionError } from '../template/index.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';
import { writeRows } from './table.ts';
import { goTime } from '../../grammar/time.ts';
import { ellipsis, humanDuration, humanSize, shortId } from '../../grammar/units.ts';
import { portList } from './ports.ts';

export const containerHeadings = {
  ID: 'CONTAINER ID',
  Names: 'NAMES',
  Image: 'IMAGE',
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  RunningFor: 'CREATED',
  Ports: 'PORTS',
  State: 'STATE',
  Status: 'STATUS',
  Size: 'SIZE',
  Labels: 'LABELS',
  Mounts: 'MOUNTS',
  LocalVolumes: 'LOCAL VOLUMES',
  Networks: 'NETWORKS',
  Platform: 'PLATFORM',
};

const defaultColumns = 'table {{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Ports}}\\t{{.Names}}';

const rawRow = [
  'container_id: {{.ID}}',
  'image: {{.Image}}',
  'command: {{.Command}}',
  'created_at: {{.CreatedAt}}',
  'state: {{- pad .State 1 0}}',
  'status: {{- pad .Status 1 0}}',
  'names: {{.Names}}',
  'labels: {{- pad .Labels 1 0}}',
  'ports: {{- pad .Ports 1 0}}',
  '',
].join('\n');

export interface ContainerListOptions {
  readonly format: string;
  readonly quiet: boolean;
  readonly size: boolean;
  readonly truncate: boolean;
}

function containerFormat({ format, quiet, size }: ContainerListOptions): string {
  if (format === 'raw') return quiet ? 'container_id: {{.ID}}' : rawRow + (size ? 'size: {{.Size}}\\n' : '');
  if (quiet) return '{{.ID}}';
  if (format === '' || format === 'table') return defaultColumns + (size ? '\\t{{.Size}}' : '');
  return format;
}

/**
 * Whether a --format shows the size, which then must be asked for. The format is tried on a container without anything, so that a bad one
 * fails before the daemon is asked. Throws StatusError.
 */
export async function formatUsesSize(format: string, signal: AbortSignal): Promise<boolean> {
  if (format === '') return false;
  let used = false;
  const empty = containerRow(new JsonView(null), false, 0, () => {
    used = true;
  });
  try {
    await execute(parse(format), empty, { signal });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new StatusError(1, `failed to ${error instanceof TemplateExecutionError ? 'execute' : 'parse'} template: ${messageOf(error)}`);
  }
  return used;
}

export async function writeContainers(context: CliContext, containers: readonly JsonView[], options: ContainerListOptions): Promise<void> {
  const rows = containers.map((container) => containerRow(container, options.truncate, context.now()));
  await writeRows(context, { format: containerFormat(options), headings: containerHeadings, rows });
}

export function containerRow(container: JsonView, truncate: boolean, now: number, onSize: () => void = () => undefined): Value {
  const text = (value: string): Value => stringValue(value);
  const labels = container.labels('Labels');
  return rowValue(
    '*formatter.ContainerContext',
    {
      ID: () => text(truncate ? shortId(container.string('Id')) : container.string('Id')),
      Names: () => text(namesOf(container, truncate)),
      Image: () => text(imageOf(container, truncate)),
      Command: () => text(goQuote(truncate ? ellipsis(container.string('Command'), 20) : container.string('Command'))),
      CreatedAt: () => text(goTime(container.number('Created'))),
      RunningFor: () => text(`${humanDuration(now / 1000 - container.number('Created'))} ago`),
      Platform: () => platformOf(container),
      Ports: () => text(portList(container.list('Ports'))),
      State: () => text(container.string('State')),
      Status: () => text(container.string('Status')),
      Size: () => {
        onSize();
        return text(sizeOf(container));
      },
      Labels: () =>
        text(
          labels
            .map(([key, value]) => `${key}=${value}`)
            .sort()
            .join(','),
        ),
      Mounts: () => text(mountsOf(container, truncate)),
      LocalVolumes: () => text(String(container.list('Mounts').filter((mount) => mount.string('Driver') === 'local').length)),
      Networks: () =>
        text(
          container
            .get('NetworkSettings')
            .entries('Networks')
            .map(([name]) => name)
            .join(','),
        ),
    },
    { Label: (args) => text(labels.find(([key]) => key === stringOf(args[0]))?.[1] ?? '') },
  );
}

function stringOf(value: Value | undefined): string {
  return value?.kind === 'string' ? value.value : '';
}

/** Truncated: one name, the first that is not a link's (`/other/alias`). */
function namesOf(container: JsonView, truncate: boolean): string {
  const names = container.strings('Names').map((name) => name.replace(/^\//, ''));
  return truncate ? (names.find((name) => !name.includes('/')) ?? '') : names.join(',');
}

function imageOf(container: JsonView, truncate: boolean): string {
  const image = container.string('Image');
  if (image === '') return '<no image>';
  if (!truncate) return image;
  const id = shortId(container.string('ImageID'));
  if (id === shortId(image)) return id;
  try {
    return familiarString({ ...parseReference(image), digest: null });
  } catch {
    return image;
  }
}

function platformOf(container: JsonView): Value {
  const platform = container.get('ImageManifestDescriptor').get('platform');
  if (platform.isNull) return { kind: 'pointer', type: '*formatter.Platform', to: null };
  return stringValue(
    [platform.string('os'), platform.string('architecture'), platform.string('variant')].filter((part) => part !== '').join('/'),
  );
}

function sizeOf(container: JsonView): string {
  const own = humanSize(container.number('SizeRw'), 3);
  const whole = container.number('SizeRootFs');
  return whole > 0 ? `${own} (virtual ${humanSize(whole, 3)})` : own;
}

function mountsOf(container: JsonView, truncate: boolean): string {
  const names = container.list('Mounts').map((mount) => mount.string('Name') || mount.string('Source'));
  return names.map((name) => (truncate ? ellipsis(name, 15) : name)).join(',');
}
