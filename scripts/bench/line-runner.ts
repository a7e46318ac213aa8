/**
 * A guest in a Node process of its own: `tsx line-runner.ts FOLDER` boots that folder's repository, then answers each JSON string on its
 * input, a line for the guest's shell, with {milliseconds, cpu} on its output: milliseconds that it took, and of CPU in all threads.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type * as playgrounds from '../../src/worker/node/playground.ts';
import type * as shells from './shell.ts';

const folder = process.argv[2] ?? '';
const at = <T>(path: string): Promise<T> => import(join(folder, path)) as Promise<T>;
const { createNodePlayground } = await at<typeof playgrounds>('src/worker/node/playground.ts');
const { openShell } = await at<typeof shells>('scripts/bench/shell.ts');
const shell = await openShell(await createNodePlayground({}));
console.log(JSON.stringify({ ready: true }));
for await (const text of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const { milliseconds } = await shell.run(String(JSON.parse(text)));
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ milliseconds, cpu: (user + system) / 1000 }));
}
process.exit();
