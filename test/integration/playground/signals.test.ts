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

  // Each asked of Docker's client on a real system.
  test.each([
    ['docker run --rm busybox echo x > /dev/full', 1, 'write /dev/stdout: no space left on device\n'],
    ['docker logs -f talker > /dev/full', 1, 'write /dev/stdout: no space left on device\n'],
    ['docker exec talker echo x 1< /dev/null', 1, 'write /dev/stdout: bad file descriptor\n'],
    ["docker run --rm busybox sh -c 'echo x >&2' 2> /dev/full", 1, ''],
    ['docker ps > /dev/full', 0, ''],
    ['docker run --rm busybox echo x >&-', 0, ''],
    ['docker run --rm busybox head -c 300000 /dev/zero > /tmp/big && wc -c < /tmp/big >&2', 0, '300000\n'],
    [
      'mount -t tmpfs -o size=64k none /mnt; docker run --rm busybox head -c 3000000 /dev/zero > /mnt/x; s=$?; wc -c < /mnt/x >&2; umount /mnt; exit $s',
      1,
      'write /dev/stdout: no space left on device\n65536\n',
    ],
  ])('or by nobody, though its output has no room: %s', async (line, exitCode, stderr) => {
    expect(await playground.lines.run(line, { id: `full: ${line}` })).toMatchObject({ exitCode, stdout: '', stderr });
  });
});
