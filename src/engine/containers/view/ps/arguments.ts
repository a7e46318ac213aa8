import { AppError } from '../../../../base/errors.ts';
import { columnOf, columnsOf, parseFormat, type Column } from './columns.ts';

/** What a list behind an option selects by: processes for which `of` says one of the words. */
export interface Selection {
  readonly by: 'pid' | 'ppid' | 'user' | 'ruser' | 'group' | 'rgroup' | 'session' | 'terminal' | 'command';
  readonly words: readonly string[];
}

export interface SortKey {
  readonly column: Column;
  readonly descending: boolean;
}

export interface PsOptions {
  readonly columns: readonly Column[];
  readonly titles: boolean;
  /** Lists are of alternatives: a process that one of them names is shown. */
  readonly selections: readonly Selection[];
  readonly sort: readonly SortKey[];
  readonly forest: boolean;
  readonly environment: boolean;
  /** Every command by its name alone (BSD's c). */
  readonly commandOnly: boolean;
  readonly threads: boolean;
  /** Bytes a line is cut at; 0: none. */
  readonly lineWidth: number;
  /** Only processes that run (BSD's r). */
  readonly runningOnly: boolean;
  /** --version, --help and their like: a text in which there are no processes. */
  readonly textOnly: boolean;
}

interface Parsed {
  letters: Set<string>;
  /** BSD's letters; '' where a word of BSD's is. */
  bsd: Set<string>;
  gnu: boolean;
  custom: Column[] | null;
  around: Column[] | null;
  selections: Selection[];
  sort: SortKey[];
  wide: boolean;
  negated: boolean;
  forest: boolean;
  titles: boolean;
  textOnly: boolean;
  lineWidth: number;
}

type KnownUser = (name: string) => boolean;

const fail = (words: string): AppError => new AppError('internal', `ps: ${words}`);
const selectors: Readonly<Record<string, Selection['by']>> = {
  p: 'pid',
  q: 'pid',
  u: 'user',
  U: 'ruser',
  G: 'rgroup',
  g: 'session',
  s: 'session',
  t: 'terminal',
  C: 'command',
};
const longSelectors: ReadonlyMap<string, Selection['by']> = new Map([
  ['pid', 'pid'],
  ['quick-pid', 'pid'],
  ['ppid', 'ppid'],
  ['user', 'user'],
  ['User', 'ruser'],
  ['group', 'group'],
  ['Group', 'rgroup'],
  ['sid', 'session'],
  ['tty', 'terminal'],
]);
const missing: Readonly<Record<string, string>> = {
  p: 'list of process IDs must follow -p',
  q: 'List of process IDs must follow -q.',
  u: 'list of users must follow -u',
  U: 'list of real users must follow -U',
  G: 'list of real groups must follow -G',
  g: 'list of session leaders OR effective group names must follow -g',
  s: 'list of session IDs must follow -s',
  t: 'list of terminals (pty, tty...) must follow -t',
  C: 'list of command names must follow -C',
};

/**
 * Arguments of ps(1) as procps 4 reads them: SysV letters behind a dash, BSD letters without, GNU's long ones; a dash before what SysV
 * does not know makes all BSD ("-aux"). Docker has no terminal: what ps would select by its own there is nothing.
 * @param knownUser whether there is such a user: "-ux" is the user x or, without one, BSD's letters
 * @throws AppError internal with what ps writes to stderr
 */
export function parsePsArguments(text: string, knownUser: KnownUser): PsOptions {
  const parsed = emptyParsed();
  const words = text.split(' ');
  try {
    parseWords(parsed, words, knownUser, false);
    return finish(parsed);
  } catch (error) {
    // Only where all was SysV's.
    if (parsed.gnu || parsed.bsd.size > 0) throw error;
    try {
      const again = emptyParsed();
      parseWords(again, words, knownUser, true);
      return finish(again);
    } catch {
      throw error;
    }
  }
}

function emptyParsed(): Parsed {
  return {
    letters: new Set(),
    bsd: new Set(),
    gnu: false,
    custom: null,
    around: null,
    selections: [],
    sort: [],
    wide: false,
    negated: false,
    forest: false,
    titles: true,
    textOnly: false,
    lineWidth: 0,
  };
}

function parseWords(parsed: Parsed, words: readonly string[], knownUser: KnownUser, dashIsBsd: boolean): void {
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '' || word === '-' || word === '--') throw fail('error: garbage option');
    if (word.startsWith('--')) parseLong(parsed, word.slice(2), queue);
    else if (word.startsWith('-') && !dashIsBsd) parseDashed(parsed, word.slice(1), queue, knownUser);
    else if (/^\d/.test(word)) parsed.selections.push({ by: 'pid', words: word.split(',') });
    else parseBsd(parsed, word.replace(/^-/, ''), queue, knownUser);
  }
}

function parseLong(parsed: Parsed, word: string, queue: string[]): void {
  parsed.gnu = true;
  const [name = '', given] = splitOnce(word, '=');
  const value = (what: string): string => {
    const text = given ?? queue.shift() ?? '';
    if (text === '') throw fail(`error: ${what} must follow --${name}`);
    return text;
  };
  const by = longSelectors.get(name);
  if (by !== undefined) parsed.selections.push({ by, words: value('list').split(',') });
  else if (name === 'format') addFormat(parsed, value('format specification'));
  else if (name === 'sort') addSort(parsed, value('long sort specification'));
  else if (['cols', 'columns', 'width'].includes(name)) parsed.lineWidth = Number(value('number of columns, columns, or width')) || 0;
  else if (['lines', 'rows'].includes(name)) value('number of lines');
  else if (name === 'deselect') parsed.negated = true;
  else if (name === 'forest') parsed.forest = true;
  else if (['no-headers', 'no-heading', 'no-headings', 'noheader', 'noheaders', 'noheading', 'noheadings'].includes(name))
    parsed.titles = false;
  else if (name === 'context') parsed.letters.add('Z');
  else if (['version', 'help', 'info'].includes(name)) parsed.textOnly = true;
  else if (!['cumulative', 'header', 'headers', 'heading', 'headings', 'signames'].includes(name))
    throw fail('error: unknown gnu long option');
}

function parseDashed(parsed: Parsed, word: string, queue: string[], knownUser: KnownUser): void {
  for (let at = 0; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const rest = (): string => word.slice(at + 1) || (queue.shift() ?? '');
    if (letter === 'o' || letter === 'O') {
      const list = rest();
      if (list === '') throw fail(`error: format specification must follow -${letter}`);
      if (letter === 'o') addFormat(parsed, list);
      else parsed.around = parseFormat(list);
      return;
    }
    const by = selectors[letter];
    if (by !== undefined) {
      const list = rest();
      if (list === '') throw fail(`error: ${missing[letter] ?? ''}`);
      addSelection(parsed, by, list, knownUser);
      return;
    }
    if ('Aead'.includes(letter)) parsed.wide = true;
    else if (letter === 'N') parsed.negated = true;
    else if (letter === 'V') parsed.textOnly = true;
    else if (letter === 'n') throw fail('error: unsupported SysV option');
    else if ('fFljyLTcPMZ'.includes(letter)) parsed.letters.add(letter === 'M' ? 'Z' : letter);
    else if (!'wmH'.includes(letter)) throw fail('error: unsupported SysV option');
  }
}

function parseBsd(parsed: Parsed, word: string, queue: string[], knownUser: KnownUser): void {
  parsed.bsd.add('');
  for (let at = 0; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const list = (what: string): string => {
      const text = word.slice(at + 1) || (queue.shift() ?? '');
      if (text === '') throw fail(`error: ${what}`);
      return text;
    };
    if (letter === 'o') return addFormat(parsed, list('format specification must follow o'));
    if (letter === 'O') return addAround(parsed, list('format or sort specification must follow O'));
    if (letter === 'k') return addSort(parsed, list("long sort specification must follow 'k'"));
    if (letter === 'p') return addSelection(parsed, 'pid', list('list of process IDs must follow p'), knownUser);
    if (letter === 'q') return addSelection(parsed, 'pid', list('List of process IDs must follow q.'), knownUser);
    if (letter === 'U') return addSelection(parsed, 'user', list('list of users must follow U'), knownUser);
    if (letter === 't' && at + 1 < word.length) return addSelection(parsed, 'terminal', word.slice(at + 1), knownUser);
    if (letter === 'W') throw fail('error: obsolete W option not supported (you have a /dev/drum?)');
    if (letter === 'g' && word === 'g') throw fail('error: process selection options conflict');
    if ('ax'.includes(letter)) parsed.bsd.add(letter);
    else if (letter === 'f') parsed.forest = true;
    else if (letter === 'h') parsed.titles = false;
    else if ('LV'.includes(letter)) parsed.textOnly = true;
    else if (letter === 'Z') parsed.letters.add('Z');
    else if ('uljvsXHcer'.includes(letter)) parsed.bsd.add(letter);
    else if (!'gTtwnSmM'.includes(letter)) throw fail('error: unsupported option (BSD syntax)');
  }
}

function addAround(parsed: Parsed, list: string): void {
  parsed.around = parseFormat(list);
}

function addFormat(parsed: Parsed, list: string): void {
  parsed.custom = [...(parsed.custom ?? []), ...parseFormat(list)];
}

function addSort(parsed: Parsed, list: string): void {
  for (const key of list.split(',')) {
    const name = key.replace(/^[+-]/, '');
    try {
      parsed.sort.push({ column: columnOf(name), descending: key.startsWith('-') });
    } catch {
      throw fail('error: unknown sort specifier');
    }
  }
}

function addSelection(parsed: Parsed, by: Selection['by'], list: string, knownUser: KnownUser): void {
  const words = list.split(',');
  if (['user', 'ruser'].includes(by) && words.some((word) => !/^\d+$/.test(word) && !knownUser(word)))
    throw fail('error: user name does not exist');
  if (by === 'pid' && words.some((word) => !/^\d+$/.test(word))) throw fail('error: process ID list syntax error');
  parsed.selections.push({ by, words });
}

function finish(parsed: Parsed): PsOptions {
  const { letters, bsd, custom, around } = parsed;
  const dashed = ['f', 'F', 'l', 'j', 'y', 'c', 'P', 'L', 'T'].filter((letter) => letters.has(letter));
  const ready = ['u', 'l', 'j', 'v', 's', 'X'].filter((letter) => bsd.has(letter));
  const own = custom ?? around;
  // Beside a format of its own, -f can only mean BSD's f.
  const forest = parsed.forest || (own !== null && letters.has('f'));
  const formatLetters = own === null ? dashed : dashed.filter((letter) => letter === 'l' || letter === 'j' || letter === 'F');
  const formats = ready.length + (formatLetters.length > 0 ? 1 : 0) + (own === null ? 0 : 1);
  if (formats > 1) throw fail('error: conflicting format options');
  if (letters.has('y') && !letters.has('l')) throw fail('error: modifier -y without format -l makes no sense');
  const wide = parsed.wide || (bsd.has('a') && bsd.has('x')) || parsed.selections.length > 0;
  // Docker asks for the container's processes (-q) first; what cannot stand beside that is asked without, where ps selects by terminal.
  if (parsed.negated || (!wide && (forest || parsed.sort.length > 0))) throw fail('exit status 1');
  return {
    columns: custom ?? (around === null ? readyColumns(letters, bsd) : aroundColumns(around, bsd)),
    titles: parsed.titles,
    selections: parsed.selections,
    sort: parsed.sort,
    forest,
    environment: bsd.has('e'),
    commandOnly: bsd.has('c'),
    threads: letters.has('L') || letters.has('T') || bsd.has('H'),
    lineWidth: parsed.lineWidth,
    runningOnly: bsd.has('r'),
    textOnly: parsed.textOnly,
  };
}

function aroundColumns(around: readonly Column[], bsd: ReadonlySet<string>): Column[] {
  const command = bsd.size > 0 ? 'comm' : 'args';
  return [...columnsOf('pid'), ...around, ...columnsOf('s tname time'), ...columnsOf(command)];
}

function readyColumns(letters: ReadonlySet<string>, bsd: ReadonlySet<string>): Column[] {
  const label = letters.has('Z') ? 'label ' : '';
  const formats: readonly (readonly [letter: string, names: string])[] = [
    ['u', 'user pid %cpu %mem vsz rss tname stat start_time bsdtime args'],
    ['l', 'f uid pid ppid priority ni vsz rss wchan stat tname bsdtime args'],
    ['j', 'ppid pid pgid sid tname tpgid stat uid bsdtime args'],
    ['v', 'pid tname stat bsdtime maj_flt trs drs rss %mem args'],
    ['s', 'uid pid pending blocked ignored caught stat tname bsdtime args'],
    ['X', 'pid stackp esp eip TMOUT ALARM stat tname bsdtime args'],
  ];
  const names = formats.find(([letter]) => bsd.has(letter))?.[1];
  if (names !== undefined) return columnsOf(label + (bsd.has('H') ? names.replace('pid', 'pid lwp') : names));
  const sysv = ['f', 'F', 'l', 'j', 'c', 'P', 'L', 'T'].some((letter) => letters.has(letter));
  if (bsd.size > 0 && !sysv) return columnsOf(`${label}pid ${bsd.has('H') ? 'lwp ' : ''}tname stat bsdtime args`);
  return columnsOf(label + sysvNames(letters));
}

function sysvNames(letters: ReadonlySet<string>): string {
  const has = (letter: string, names: string): string => (letters.has(letter) ? ` ${names}` : '');
  const scheduling = has('c', 'cls pri');
  const groups = has('j', 'pgid sid');
  const full = letters.has('f') || letters.has('F');
  if (!full && !letters.has('l')) {
    return `pid${has('T', 'spid')}${groups}${has('L', 'lwp')}${scheduling}${has('P', 'psr')} tname time CMD`;
  }
  const short = letters.has('y');
  const priority = letters.has('c') ? '' : ' opri ni';
  const long = letters.has('l') ? `${priority}${short ? ' rss' : ' ADDR'} sz wchan` : '';
  const first = letters.has('l') ? (short ? 's' : 'f s') : '';
  const extra = letters.has('F') ? (letters.has('l') ? ' rss psr' : ' sz rss psr') : '';
  const processor = !letters.has('F') && letters.has('P') ? ' psr' : '';
  const use = scheduling === '' ? ' c' : scheduling;
  return (
    `${first} ${full ? 'uid_hack' : 'uid'} pid${has('T', 'spid')} ppid${groups}${has('L', 'lwp')}${processor}${use}${has('L', 'nlwp')}` +
    `${long}${extra}${full ? ' stime' : ''} tname time ${full ? 'cmd' : 'CMD'}`
  );
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
