import { fromUtf8 } from '../../base/bytes.ts';
import type { CliContext } from '../context.ts';
import { isTermination } from '../signals.ts';

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

async function readLine(context: CliContext): Promise<string> {
  let text = '';
  while (!/[\r\n]/.test(text)) {
    const chunk = await context.session.stdin.source.read();
    if (chunk === null) break;
    text += fromUtf8(chunk);
  }
  return text.split(/[\r\n]/, 1)[0] ?? '';
}
