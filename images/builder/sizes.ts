/** The table of sizes in `README.md`, between two marks. */
import { type BuiltLayer } from './oci.ts';

const START = '<!-- sizes: written by build.sh -->';
const END = '<!-- /sizes -->';

export interface SizedImage {
  readonly reference: string;
  /** Lowest first. */
  readonly layers: readonly BuiltLayer[];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}

function imageRow({ reference, layers }: SizedImage): string {
  const compressed = layers.reduce((sum, layer) => sum + layer.descriptor.size, 0);
  const unpacked = layers.reduce((sum, layer) => sum + layer.tarSize, 0);
  const parts = layers.map((layer) => `${layer.name} ${kilobytes(layer.descriptor.size)}`).join(' + ');
  return `| \`${reference.replace('docker.io/library/', '')}\` | ${kilobytes(compressed)} | ${kilobytes(unpacked)} | ${parts} |`;
}

export function replaceSizes(readme: string, images: readonly SizedImage[], total: number): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) throw new Error('README.md: the marks around the table of sizes are gone');
  const rows = ['| image | compressed | as tar | layers |', '|---|---|---|---|', ...images.map(imageRow)];
  const table = `${rows.join('\n')}\n\nAll blobs, shared layers once: ${kilobytes(total)}.`;
  return `${readme.slice(0, start)}${START}\n\n${table}\n\n${readme.slice(end)}`;
}
