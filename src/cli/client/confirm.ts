import { fromUtf8 } from '../../base/bytes.ts';
import type { CliContext } from '../context.ts';

/** Asks a yes or no question on stdout; the end of stdin is a no. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  await context.out(`${question} [y/N] `);
  let answer = '';
  while (!/[\r\n]/.test(answer)) {
    const chunk = await context.session.stdin.source.read();
    if (chunk === null) break;
    answer += fromUtf8(chunk);
  }
  return /^\s*y\s*$/i.test(answer.split(/[\r\n]/, 1)[0] ?? '');
}
