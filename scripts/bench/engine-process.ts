import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { apiClient, type ApiClient } from '../../test/support/api-client.ts';

const answerSchema = z.union([z.object({ value: z.unknown() }), z.object({ error: z.string() })]);
const memorySchema = z.object({ rss: z.number(), heapUsed: z.number(), arrayBuffers: z.number(), logBytes: z.number() });

/** Bytes. */
export type EngineMemory = z.infer<typeof memorySchema>;

/** The headless engine in a process of its own (attacked-engine.ts), and a client of its API. */
export interface EngineProcess extends ApiClient {
  readonly socketPath: string;
  /** What the guest's shell answers to a line; the last 200 characters. */
  type(line: string): Promise<string>;
  /** After the garbage was collected. */
  memory(): Promise<EngineMemory>;
  stop(): Promise<void>;
}

export async function startEngineProcess(): Promise<EngineProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-engine-'));
  const socketPath = join(folder, 'docker.sock');
  const child = fork(resolve(import.meta.dirname, 'attacked-engine.ts'), [socketPath], { execArgv: ['--import', 'tsx', '--expose-gc'] });
  await nextMessage(child);
  const ask = async (message: { readonly type: string } | 'memory'): Promise<unknown> => {
    const answered = nextMessage(child);
    child.send(message);
    const answer = answerSchema.parse(await answered);
    if ('error' in answer) throw new Error(answer.error);
    return answer.value;
  };
  return {
    ...apiClient(socketPath),
    socketPath,
    type: async (line) => String(await ask({ type: line })),
    memory: async () => memorySchema.parse(await ask('memory')),
    async stop() {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a process says next; rejects when it ends. */
export function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((done, failed) => {
    const gone = (code: number | null): void => failed(new Error(`the engine ended with ${code ?? 'a signal'}`));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      done(message);
    });
  });
}
