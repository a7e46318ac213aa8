/** What stands below a build when it is over: what failed said last, what was warned of, where it was in the Dockerfile. */
import type { BuildLines } from '../../protocol/build-progress.ts';
import type { Vertices } from './vertices.ts';

/** The end of what the step that failed has written (buildx: commands/build.go, printErrorLogs). */
export function failedLogs({ all }: Vertices): string {
  const failed = all.filter(({ about }) => about.error !== '');
  return failed
    .map(({ name, lines }) => `------\n > ${name}:\n${lines.map(({ time, text }) => `${time} ${text}\n`).join('')}------\n`)
    .join('');
}

const yellow = '\x1b[33m';
const plain = '\x1b[0m';

/** buildx: commands/build.go, printWarnings. */
export function warningsText({ all }: Vertices): string {
  const warnings = all.flatMap((vertex) => vertex.warnings);
  if (warnings.length === 0) return '';
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  return `\n ${yellow}${count} found (use docker --debug to expand):\n${plain}${warnings.map(({ short }) => ` - ${short}\n`).join('')}`;
}

/** Lines around those that are meant (moby/buildkit: solver/errdefs/source.go). */
const around = 2;

export function sourceExcerpt(filename: string, text: string, { start, end }: BuildLines): string {
  const all = text.split('\n');
  const first = Math.max(1, start - around);
  const last = Math.min(all.length, end + around);
  const rule = '-'.repeat(20);
  const lines = all.slice(first - 1, last).map((line, index) => {
    const number = first + index;
    return `${String(number).padStart(4)} | ${number >= start && number <= end ? '>>> ' : '    '}${line}`;
  });
  return `${filename}:${start}\n${rule}\n${lines.join('\n')}\n${rule}\n`;
}
