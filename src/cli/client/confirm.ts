import { fromUtf8 } from '../../base/bytes.ts';
import type { CliContext } from '../context.ts';
import { isTermination } from '../../grammar/signals.ts';

/** Asks a yes or no question on stdout. The end of stdin is a no, and so is Ctrl-C. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  let interrupt: (answer: Promise<string>) => void = () => undefined;
  const interrupted = new Promise<string>((resolve) => {
    interrupt = resolve;
  });
  const handling = context.interrupt.takeOver((signal) => {
    if (!isTermination(signal)) return false;
    interrupt(context.out('\n').then(() => ''));
    return true;
  });
  try {
    await context.out(`${question} [y/N] `);
    const answer = await Promise.race([readLine(context), interrupted]);
    return /^\s*y\s*$/i.test(answer);
  } finally {
    handling.dispose();
  }
}

/** Characters of a line that may still mean yes. */
const longestAnswer = 1024;

async function readLine(context: CliContext): Promise<string> {
  let line = '';
  for (;;) {
    const chunk = await context.session.stdin.source.read();
    if (chunk === null) return line;
    const text = fromUtf8(chunk);
    const end = text.search(/[\r\n]/);
    // The rest of what is no yes any more is read and forgotten.
    if (line.length < longestAnswer) line += end === -1 ? text : text.slice(0, end);
    if (end !== -1) return line;
  }
}
