import { fromUtf8 } from '../../base/bytes.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';

/** Characters of an answer. */
const longestAnswer = 4096;
const interrupted = 130;

/** Asks on stdout and reads a line of stdin, which is a terminal; what the person typed is shown by it. */
export async function ask(context: CliContext, question: string): Promise<string> {
  await context.out(question);
  return readLine(context);
}

/** The same, of which nothing is shown. Rejects with StatusError on Ctrl-C. */
export async function askHidden(context: CliContext, question: string): Promise<string> {
  const { terminal } = context.session;
  await context.out(question);
  // A terminal that shows nothing is raw here: what its line discipline does is done by hand.
  await terminal?.setRaw(true);
  try {
    return await readLine(context);
  } finally {
    await terminal?.setRaw(false);
    await context.out('\n');
  }
}

/** What stands behind the line's end is not wanted: a person waits for the next question. */
async function readLine(context: CliContext): Promise<string> {
  let line = '';
  for (;;) {
    const chunk = await context.session.stdin.source.read();
    if (chunk === null) return line;
    for (const character of fromUtf8(chunk)) {
      if (character === '\r' || character === '\n') return line;
      if (character === '\u0003') throw new StatusError(interrupted);
      if (character === '\u0004' && line === '') return line;
      line = typed(line, character);
    }
  }
}

function typed(line: string, character: string): string {
  if (character === '\u007f' || character === '\b') return [...line].slice(0, -1).join('');
  if (character === '\u0015') return '';
  return line.length >= longestAnswer ? line : line + character;
}
