import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';

describe('docker ends as a program of the guest', () => {
  let playground: LocalPlayground;

  beforeAll(async () => {
    playground = await createNodePlayground();
    await playground.lines.run("docker pull -q busybox; docker run -d --name talker busybox sh -c 'while :; do echo y; sleep 0.1; done'", {
      id: 'before',
    });
  });
  afterAll(() => playground.dispose());

  test.each(['docker run --rm busybox yes', 'docker logs -f talker', 'docker stats'])(
    '%s ends when nobody reads what it writes',
    async (line) => {
      expect(await playground.lines.run(`${line} | head -n 1 | wc -l`, { id: line })).toMatchObject({ exitCode: 0, stdout: '1\n' });
    },
  );

  test('by SIGHUP', async () => {
    const line = 'docker wait talker & kill -HUP $!; wait $!; echo $?';
    expect((await playground.lines.run(line, { id: 'hangup' })).stdout).toBe('129\n');
  });
});
