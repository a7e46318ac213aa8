import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import type { JsonView } from '../json.ts';
import { familiarName, parseReference, type Reference } from '../../grammar/reference.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';
import { writeRows } from './table.ts';
import { goTime } from '../../grammar/time.ts';
import { humanDuration, humanSize, shortId } from '../../grammar/units.ts';

export const imageHeadings = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
};

export interface ImageListOptions {
  readonly format: string;
  readonly quiet: boolean;
  readonly digests: boolean;
  readonly truncate: boolean;
}

interface Name {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

function imageFormat({ format, quiet, digests }: ImageListOptions): string {
  const digest = (text: string): string => (digests ? text : '');
  if (format === '' || format === 'table') {
    if (quiet) return '{{.ID}}';
    return `table {{.Repository}}\\t{{.Tag}}\\t${digest('{{.Digest}}\\t')}{{.ID}}\\t{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}\\t{{.Size}}`;
  }
  if (format === 'raw') {
    if (quiet) return 'image_id: {{.ID}}';
    return `repository: {{ .Repository }}\ntag: {{.Tag}}\n${digest('digest: {{.Digest}}\n')}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`;
  }
  return format.startsWith('table') && digests && !format.includes('{{.Digest}}') ? `${format}\\t{{.Digest}}` : format;
}

/** One row for each name of each image. */
export async function writeImages(context: CliContext, images: readonly JsonView[], options: ImageListOptions): Promise<void> {
  const format = imageFormat(options);
  const wantsDigest = options.digests || format.includes('{{.Digest}}');
  const rows = images.flatMap((image) =>
    namesOf(image, options.digests, wantsDigest).map((name) => imageRow(image, name, options.truncate, context.now())),
  );
  await writeRows(context, { format, headings: imageHeadings, rows });
}

/** Of one image: each of its tags stands beside each of its digests. */
const mostRows = 100_000;

export function namesOf(image: JsonView, digestRows: boolean, wantsDigest: boolean): readonly Name[] {
  const tags = image.strings('RepoTags');
  const digests = image.strings('RepoDigests');
  const dangling =
    (tags.length === 0 && digests.length === 0) ||
    (tags[0] === '<none>:<none>' && digests[0] === '<none>@<none>' && tags.length + digests.length === 2);
  if (dangling) return [{ repository: '<none>', tag: '<none>', digest: '<none>' }];
  const byRepository = new Map<string, string[]>();
  for (const reference of parseAll(digests)) if (reference.digest !== null) push(byRepository, familiarName(reference), reference.digest);
  const tagged = parseAll(tags).flatMap((reference) => (reference.tag === null ? [] : [{ ...reference, tag: reference.tag }]));
  if (wantsDigest && tagged.length * digests.length > mostRows) throw new StatusError(1, 'the output is too large');
  const rows = tagged.flatMap((reference): Name[] => {
    const repository = familiarName(reference);
    const own = wantsDigest ? (byRepository.get(repository) ?? []) : [];
    return (own.length === 0 ? ['<none>'] : own).map((digest) => ({ repository, tag: reference.tag, digest }));
  });
  for (const reference of tagged) byRepository.delete(familiarName(reference));
  const untagged = [...byRepository].flatMap(([repository, list]) =>
    (digestRows ? list : ['']).map((digest): Name => ({ repository, tag: '<none>', digest })),
  );
  return [...rows, ...untagged];
}

function parseAll(texts: readonly string[]): readonly Reference[] {
  return texts.flatMap((text) => {
    try {
      return [parseReference(text)];
    } catch {
      return [];
    }
  });
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

export function imageRow(image: JsonView, name: Name, truncate: boolean, now: number): Value {
  const text = (value: string): Value => stringValue(value);
  const size = image.number('Size');
  const shared = image.number('SharedSize');
  const containers = image.number('Containers');
  return rowValue('*formatter.imageContext', {
    ID: () => text(truncate ? shortId(image.string('Id')) : image.string('Id')),
    Repository: () => text(name.repository),
    Tag: () => text(name.tag),
    Digest: () => text(name.digest),
    CreatedSince: () => text(`${humanDuration(now / 1000 - image.number('Created'))} ago`),
    CreatedAt: () => text(goTime(image.number('Created'))),
    Size: () => text(humanSize(size, 3)),
    Containers: () => text(containers === -1 ? 'N/A' : String(containers)),
    VirtualSize: () => text(humanSize(size)),
    SharedSize: () => text(shared === -1 ? 'N/A' : humanSize(shared)),
    UniqueSize: () => text(size === -1 || shared === -1 ? 'N/A' : humanSize(size - shared)),
  });
}
