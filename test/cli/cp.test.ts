import { expect, test } from 'vitest';
import { docker } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

test('a file is copied into a container that was never started, under another name, and back', async () => {
  const { handler: engine } = await cliEngine();
  await docker(engine, ['create', '--name', 'web', 'busybox']);
  const files = new Map([['/root/a', 'hello']]);
  const there = await docker(engine, ['cp', 'a', 'web:/b'], { files });
  expect([there.status, there.stderr]).toEqual([0, 'Successfully copied 2.05kB to web:/b\n']);
  const back = await docker(engine, ['cp', 'web:/b', '/tmp/c'], { files });
  expect([back.status, back.stderr]).toEqual([0, 'Successfully copied 2.05kB to /tmp/c\n']);
  expect(files.get('/tmp/c')).toBe('hello');
  expect((await docker(engine, ['cp', '-q', 'web:/b', '-'], { files })).stdout).toContain('hello');
  expect((await docker(engine, ['export', '-o', '/tmp/e.tar', 'web'], { files })).status).toBe(0);
  expect(files.get('/tmp/e.tar')).toContain('hello');
});
