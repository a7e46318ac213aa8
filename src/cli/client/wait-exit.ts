import { fromUtf8 } from '../../base/bytes.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import type { CliContext } from '../context.ts';
import { messageOf } from '../errors.ts';
import { JsonView, parseJson } from '../json.ts';
import { containerPath, largestAnswer } from './engine-client.ts';

/** What asks for the exit status when it is wanted; 125 if the daemon failed. */
export type ExitStatus = () => Promise<number>;

/** Waits for the next exit (or the removal, with --rm) of a container; resolves once the daemon listens, before which it must not be started. */
export async function waitForExit(context: CliContext, id: string, removed: boolean): Promise<ExitStatus> {
  const query = { condition: removed ? 'removed' : 'next-exit' };
  const source = await context.client.stream('POST', `${containerPath(id)}/wait`, { query });
  return () => exitStatus(context, source);
}

async function exitStatus(context: CliContext, source: ByteSource): Promise<number> {
  try {
    const answer = new JsonView(parseJson(fromUtf8(await readAll(source, largestAnswer))));
    const failure = answer.get('Error').string('Message');
    if (failure === '') return answer.number('StatusCode');
    await context.err(`Error waiting for container: ${failure}\n`);
    return 125;
  } catch (error) {
    await context.err(`error waiting for container: ${messageOf(error)}\n`);
    return 125;
  }
}
