import type { JsonView } from '../json.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';
import { renderRows } from './table.ts';
import { bytesSize, humanSize, shortId } from '../../grammar/units.ts';

/** `latest` is null until the first figures are in. */
export interface ContainerStats {
  readonly container: string;
  readonly latest: JsonView | null;
}

const statsTable = 'table {{.ID}}\\t{{.Name}}\\t{{.CPUPerc}}\\t{{.MemUsage}}\\t{{.MemPerc}}\\t{{.NetIO}}\\t{{.BlockIO}}\\t{{.PIDs}}';

const statsHeadings = {
  Container: 'CONTAINER',
  Name: 'NAME',
  ID: 'CONTAINER ID',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
};

export interface StatsFormat {
  readonly format: string;
  readonly truncate: boolean;
}

export function renderStats(rows: readonly ContainerStats[], { format, truncate }: StatsFormat, signal: AbortSignal): Promise<string> {
  const isTable = format === '' || format === 'table';
  return renderRows(
    { format: isTable ? statsTable : format, headings: statsHeadings, rows: rows.map((row) => statsRow(row, truncate)) },
    signal,
  );
}

function statsRow({ container, latest }: ContainerStats, truncate: boolean): Value {
  const known =
    (show: (figures: JsonView) => string, unknown = '--') =>
    (): Value =>
      stringValue(latest === null ? unknown : show(latest));
  return rowValue('*container.statsContext', {
    Container: () => stringValue(container),
    Name: known((figures) => figures.string('name').slice(1) || '--'),
    ID: known((figures) => (truncate ? shortId(figures.string('id')) : figures.string('id')), ''),
    CPUPerc: known((figures) => percentage(cpuShare(figures))),
    MemUsage: known((figures) => `${bytesSize(memoryUse(figures))} / ${bytesSize(memoryLimit(figures))}`, '-- / --'),
    MemPerc: known((figures) => percentage(memoryLimit(figures) === 0 ? 0 : memoryUse(figures) / memoryLimit(figures))),
    NetIO: known((figures) => pair(network(figures, 'rx_bytes'), network(figures, 'tx_bytes'))),
    BlockIO: known((figures) => pair(blocks(figures, 'r'), blocks(figures, 'w'))),
    PIDs: known((figures) => String(figures.get('pids_stats').number('current'))),
  });
}

function percentage(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function pair(first: number, second: number): string {
  return `${humanSize(first, 3)} / ${humanSize(second, 3)}`;
}

/** Of one CPU, between the two samples of the answer. */
function cpuShare(figures: JsonView): number {
  const now = figures.get('cpu_stats');
  const before = figures.get('precpu_stats');
  const used = now.get('cpu_usage').number('total_usage') - before.get('cpu_usage').number('total_usage');
  const passed = now.number('system_cpu_usage') - before.number('system_cpu_usage');
  const online = now.number('online_cpus') || now.get('cpu_usage').list('percpu_usage').length;
  return passed > 0 && used > 0 ? (used / passed) * online : 0;
}

/** Without the page cache that could be dropped. */
function memoryUse(figures: JsonView): number {
  const memory = figures.get('memory_stats');
  const usage = memory.number('usage');
  const details = memory.get('stats');
  const inactive = details.get('total_inactive_file').isNull ? details.number('inactive_file') : details.number('total_inactive_file');
  return inactive < usage ? usage - inactive : usage;
}

function memoryLimit(figures: JsonView): number {
  return figures.get('memory_stats').number('limit');
}

function network(figures: JsonView, counter: string): number {
  return figures.entries('networks').reduce((sum, [, device]) => sum + device.number(counter), 0);
}

function blocks(figures: JsonView, direction: string): number {
  const entries = figures.get('blkio_stats').list('io_service_bytes_recursive');
  return entries
    .filter((entry) => entry.string('op').toLowerCase().startsWith(direction))
    .reduce((sum, entry) => sum + entry.number('value'), 0);
}
