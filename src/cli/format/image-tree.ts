/** `docker images --tree` (docker/cli 28.2: cli/command/image/tree.go); no image here is of several platforms, so nothing branches. */
import { ellipsis, humanSize, shortId } from '../../grammar/units.ts';
import type { JsonView } from '../json.ts';

/** Where it is shown. */
export interface TreeScreen {
  readonly isTty: boolean;
  /** Of its lines; 0: not known. */
  readonly columns: number;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: true;
}

const usualColumns = 80;
const spacing = '   ';
const leastName = 12;
const detailColumns: readonly Column[] = [
  { title: 'ID', width: 12 },
  { title: 'DISK USAGE', width: 10, right: true },
  { title: 'CONTENT SIZE', width: 12, right: true },
  { title: 'EXTRA', width: 5 },
];
const colours = { warning: '93', name: '34 1', plain: '39', untagged: '39 2' } as const;
type Colour = keyof typeof colours;

/** @param images as listed @param all those without a name, too */
export function imageTree(images: readonly JsonView[], all: boolean, { isTty, columns: given }: TreeScreen): string {
  const columns = given > 0 ? given : usualColumns;
  const paint = (colour: Colour, text: string): string => (isTty ? painted(colours[colour], text) : text);
  const shown = images.filter((image) => all || namesOf(image).length > 0).sort((a, b) => b.number('Created') - a.number('Created'));
  const [first, ...details] = columnsFor(shown, columns);
  const heading = [first, ...details].map((column) => cell(column, column.title, (text) => painted('39 1', text))).join(spacing);
  const rows = shown.map((image) => {
    const cells = details.map((column, index) => cell(column, detailsOf(image)[index] ?? '', (text) => paint('plain', text)));
    return [nameCell(image, first, columns, paint), ...cells].join(spacing);
  });
  const warning = paint('warning', "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.");
  return [warning, legend(isTty, columns), '', heading, ...rows, ''].join('\n');
}

function namesOf(image: JsonView): readonly string[] {
  return image.strings('RepoTags').filter((name) => name !== '<none>:<none>');
}

function detailsOf(image: JsonView): readonly string[] {
  // Contents are counted by manifests, which this store has none of.
  return [shortId(image.string('Id')), humanSize(image.number('Size'), 3), humanSize(0, 3), ''];
}

/** Those that leave the first one room; that is as narrow as the names are. */
function columnsFor(images: readonly JsonView[], columns: number): readonly [Column, ...Column[]] {
  let room = columns;
  const kept: Column[] = [];
  for (const column of detailColumns) {
    const width = column.width + spacing.length;
    if (room - width < leastName) break;
    room -= width;
    kept.push(column);
  }
  const widest = Math.max('IMAGE'.length, ...images.flatMap(namesOf).map((name) => name.length));
  return [{ title: 'IMAGE', width: Math.min(room, widest) }, ...kept];
}

/** The shortest name stands in the row, longer ones above it. */
function nameCell(image: JsonView, column: Column, columns: number, paint: (colour: Colour, text: string) => string): string {
  const names = [...namesOf(image)].sort((a, b) => b.length - a.length);
  const last = names.pop();
  if (last === undefined) return cell(column, '<untagged>', (text) => paint('untagged', text));
  const above = names.map((name) => `${paint('name', ellipsis(name, columns))}\n`);
  return above.join('') + cell(column, last, (text) => paint('name', text));
}

function cell({ width, right }: Column, text: string, paint: (text: string) => string): string {
  const fill = ' '.repeat(Math.max(0, width - text.length));
  const shown = text.length > width ? ellipsis(text, width) : text;
  if (shown === '') return fill;
  return right === true ? fill + paint(shown) : paint(shown) + fill;
}

/** Right-aligned. */
function legend(isTty: boolean, columns: number): string {
  const text = isTty
    ? `${painted('1 106 30', 'i')}\x1b[0m ${painted('96', 'Info → ')}\x1b[0m ${painted('38;5;0 48;5;14', ' U ')} In Use `
    : 'Info ->  U In Use ';
  const length = isTty ? 'i Info →   U  In Use '.length : text.length;
  return ' '.repeat(Math.max(0, columns - length)) + text;
}

/** @param codes SGR parameters, each in a sequence of its own */
function painted(codes: string, text: string): string {
  const sequences = codes.split(' ').map((code) => `\x1b[${code}m`);
  return `${sequences.join('')}${text}\x1b[0m`;
}
