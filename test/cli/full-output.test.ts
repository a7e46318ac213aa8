/** What Docker's client does when stdout is a full disk; each asked of the real one (28.2) with `> /dev/full`. */
import { expect, test } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

const noSpace = 'write /dev/stdout: no space left on device\n';
const logged = /^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" level=error msg="write \/dev\/stdout: no space left on device"\n$/;

test.each([
  ['run --rm busybox both out', 1, noSpace],
  ['run --rm -t busybox both out', 1, noSpace],
  ['run --rm busybox both err1', 0, 'err1\n'],
  ['run -d busybox sleep', 0, ''],
  ['exec web both out', 1, noSpace],
  ['logs talks', 1, noSpace],
  ['start -a talks', 1, noSpace],
  ['export web', 1, noSpace],
  ['ps -a', 0, ''],
  ['ps --format json', 0, ''],
  ['images', 0, ''],
  ['create busybox', 0, ''],
  ['stop web', 0, ''],
  ['network ls', 0, ''],
  ['system df', 0, ''],
  ['version', 1, noSpace],
  ['version --format {{.Client.Version}}', 0, ''],
  ['info --format {{.ID}}', 1, noSpace],
  ['--version', 1, noSpace],
  ['--help', 0, noSpace],
  ['run --help', 0, noSpace],
  ['network --help', 0, noSpace],
  ['inspect web', 0, logged],
  ['inspect -f {{.Id}} web', 0, logged],
  ['--log-level fatal inspect web', 0, ''],
])('docker %s > /dev/full ends with %i', async (line, status, stderr) => {
  const { handler } = await cliEngine();
  await docker(handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
  await docker(handler, ['run', '--name', 'talks', 'busybox', 'both', 'out']);
  const result = await new FakeSession({ engine: handler, args: line.split(' '), fullOutput: true }).finished;
  expect(result).toEqual({ status, stdout: '', stderr: typeof stderr === 'string' ? stderr : expect.stringMatching(stderr) });
});

test('the container of a run whose output nobody can take goes on', async () => {
  const { handler } = await cliEngine();
  const args = ['run', '--name', 'web', 'busybox', 'sh', '-c', 'echo out; sleep'];
  expect((await new FakeSession({ engine: handler, args, fullOutput: true }).finished).status).toBe(1);
  expect((await docker(handler, ['inspect', '-f', '{{.State.Status}}', 'web'])).stdout).toBe('running\n');
});
