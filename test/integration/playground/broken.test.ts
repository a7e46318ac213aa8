import { expect, test } from 'vitest';
import type { AppError } from '../../../src/base/errors.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';

test('a kernel panic is told, ends what was running, and a reset brings a guest back', async () => {
  const playground = await createNodePlayground();
  const broken: AppError[] = [];
  playground.lifecycle.onBroken((error) => broken.push(error));
  const outcomes = [
    'sleep 1000',
    'echo 2 > /proc/sys/vm/panic_on_oom; mount -o remount,size=100% /dev/shm; dd if=/dev/zero of=/dev/shm/full bs=1M',
  ].map((line) => playground.lines.run(line, { id: line }));
  for (const { status } of await Promise.allSettled(outcomes)) expect(status).toBe('rejected');
  await expect.poll(() => broken.map(({ message }) => message)).toEqual([expect.stringContaining('Kernel panic')]);
  await playground.lifecycle.reset();
  expect((await playground.lines.run('echo alive', { id: 'alive' })).stdout).toBe('alive\n');
  await playground.dispose();
});
