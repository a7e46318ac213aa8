/**
 * A scenario is a text file of lines as they are typed, each with what a real engine said:
 *
 *     # a remark, kept where it is
 *     $ docker run busybox sh -c 'echo out; echo err >&2; exit 3'
 *     | out
 *     ! err
 *     = 3
 *
 * `|` is standard output, `!` standard error, `=` the exit status where it is not 0; `|-` and `!-` are a last line without its newline. A line that ends in a
 * backslash goes on in the next. Only `#` and `$` are written by hand: recording makes the others.
 */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface Step {
  /** Remarks and empty lines before the line. */
  readonly above: readonly string[];
  readonly line: string;
  /** Undefined: not recorded yet. */
  readonly said: Said | undefined;
}

const marks = ['| ', '|-', '! ', '!-', '= '];

export function parseScenario(text: string): readonly Step[] {
  const steps: Step[] = [];
  let above: string[] = [];
  let answer: string[] = [];
  let line: string | undefined;
  const close = (): void => {
    if (line !== undefined) steps.push({ above, line, said: answer.length === 0 ? undefined : answerOf(answer) });
    if (line !== undefined) above = [];
    line = undefined;
    answer = [];
  };
  for (const row of text.split('\n').slice(0, -1)) {
    if (line?.endsWith('\\') === true && answer.length === 0) {
      line += `\n${row}`;
    } else if (row.startsWith('$ ')) {
      close();
      line = row.slice(2);
    } else if (line !== undefined && marks.some((mark) => `${row} `.startsWith(mark))) {
      answer.push(row);
    } else if (row === '' || row.startsWith('#')) {
      close();
      above.push(row);
    } else {
      throw new Error(`not a row of a scenario: ${row}`);
    }
  }
  close();
  return steps;
}

function answerOf(rows: readonly string[]): Said {
  const of = (mark: string): string =>
    rows.flatMap((row) => (!row.startsWith(mark) ? [] : row.startsWith(`${mark}-`) ? [row.slice(3)] : [`${row.slice(2)}\n`])).join('');
  const status = rows.find((row) => row.startsWith('= '));
  return { stdout: of('|'), stderr: of('!'), status: status === undefined ? 0 : Number(status.slice(2)) };
}

export function printScenario(steps: readonly Step[]): string {
  return steps
    .flatMap(({ above, line, said }) => [...above, `$ ${line}`, ...(said === undefined ? [] : printed(said))])
    .map((row) => `${row}\n`)
    .join('');
}

/** A line that said nothing and succeeded has its status all the same, so that it is known to be recorded. */
export function printed({ stdout, stderr, status }: Said): readonly string[] {
  const rows = [...marked('|', stdout), ...marked('!', stderr), ...(status === 0 ? [] : [`= ${status}`])];
  return rows.length === 0 ? ['= 0'] : rows;
}

function marked(mark: string, text: string): readonly string[] {
  if (text === '') return [];
  const rows = text.split('\n');
  const last = rows.pop() ?? '';
  return [...rows.map((row) => (row === '' ? mark : `${mark} ${row}`)), ...(last === '' ? [] : [`${mark}- ${last}`])];
}
