import { expect, test } from 'vitest';
import type { SetupOperation } from '../format/setup.ts';
import { FakeSource } from '../testing/fake-source.ts';
import { carryOut, wholeSetup } from './setup.ts';

async function linesOf(
  operations: readonly SetupOperation[],
  source = new FakeSource(),
  tutorial: readonly SetupOperation[] = [],
): Promise<readonly string[]> {
  await carryOut(wholeSetup(operations, tutorial), { facts: source, guest: source }, 'x');
  return source.lines;
}

test('what is described is typed as docker has it, every word kept from the shell', async () => {
  const create = {
    name: 'app',
    image: 'busybox',
    command: ['sh', '-c', `echo "it's $HOME"; rm -rf /`],
    env: { A: 'b c' },
    labels: { 'of.what': '`x`' },
    user: '1000',
    workdir: '/tmp',
    hostname: 'h',
    restart: 'on-failure:3',
    memory: '64m',
    init: true,
    tty: true,
  };
  expect(await linesOf([{ pull: 'busybox' }, { create }])).toEqual([
    'docker pull -q busybox',
    `docker create --name app --env 'A=b c' --label 'of.what=\`x\`' --user 1000 --workdir /tmp --hostname h --restart on-failure:3 --memory 64m --init --tty busybox sh -c 'echo "it'\\''s $HOME"; rm -rf /'`,
  ]);
});

test('what is so already is left as it is', async () => {
  const source = new FakeSource();
  const operations = [{ pull: 'nginx' }, { create: { name: 'web', image: 'nginx', command: ['x'] } }, { start: 'web' }];
  await linesOf(operations, source);
  const [container] = source.containers;
  expect(source.lines).toEqual(['docker create --name web nginx x', 'docker start web']);
  await linesOf(operations, source);
  expect(source.lines).toHaveLength(2);
  expect(source.containers).toEqual([container]);
});

test('another container of that name makes way', async () => {
  const source = new FakeSource();
  await linesOf([{ create: { name: 'web', image: 'nginx', command: ['x'] } }], source);
  await linesOf([{ create: { name: 'web', image: 'nginx', command: ['y'] } }], source);
  expect(source.lines.at(-1)).toBe('docker rm -f web && docker create --name web nginx y');
});

test("a step that names the tutorial's containers has them back, and its own are its own", async () => {
  const tutorial = [{ create: { name: 'app', image: 'busybox', command: ['x'] } }, { create: { name: 'web', image: 'nginx' } }];
  expect(await linesOf([{ start: 'app' }, { create: 'web' }], new FakeSource(), tutorial)).toEqual([
    'docker create --name app busybox x',
    'docker start app',
    'docker create --name web nginx',
  ]);
  expect(
    await linesOf([{ create: { name: 'app', image: 'busybox', command: ['y'] } }, { start: 'app' }], new FakeSource(), tutorial),
  ).toEqual(['docker create --name app busybox y', 'docker start app']);
});

test('files are put there each time', async () => {
  const source = new FakeSource();
  await linesOf([{ files: { '/lab/a': 'one\n' } }], source);
  expect(source.written.map(({ path, mode }) => [path, mode])).toEqual([['/lab/a', 0o644]]);
});

test("what fails says so in the command's last line, and what comes after is not done", async () => {
  const source = new FakeSource();
  source.complaint = 'Unable to find image locally\nError response from daemon: no space left on device';
  await expect(linesOf([{ pull: 'busybox' }, { start: 'web' }], source)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'Error response from daemon: no space left on device',
  });
  expect(source.lines).toEqual(['docker pull -q busybox']);
});
