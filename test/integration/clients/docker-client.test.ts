import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describeWith(['docker'], 'the real docker client against the headless engine', () => {
  let engine: RunningEngine;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
  });
  afterAll(() => engine.stop());

  function docker(args: readonly string[], input?: string | Buffer, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent', ...more };
      const child = spawn('docker', args, { env });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  test('version and info name the server', async () => {
    expect((await docker(['version', '--format', '{{.Server.Os}}'])).stdout).toBe('linux\n');
    const info = await docker(['info', '--format', '{{.CgroupVersion}} {{.OSType}} {{.Driver}}']);
    expect(info.stdout).toBe('2 linux overlay2\n');
  });

  test('hello-world is pulled, runs and is kept after its exit', async () => {
    const run = await docker(['run', '--name', 'hello', 'hello-world']);
    expect(run.stderr).toContain("Unable to find image 'hello-world:latest' locally");
    expect(run.stdout).toContain('Hello from');
    expect(run.code).toBe(0);
    const state = await docker(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', 'hello']);
    expect(state.stdout).toBe('exited 0\n');
  });

  test('the classic client builds an image, takes it from the cache the second time, and is told what failed', async () => {
    const context = join(folder, 'context');
    await mkdir(context);
    await writeFile(
      join(context, 'Dockerfile'),
      'FROM busybox AS made\nCOPY word.txt /\nRUN tr a-z A-Z </word.txt >/loud\nFROM made\nCMD ["cat", "/loud"]\n',
    );
    await writeFile(join(context, 'word.txt'), 'hello\n');
    const classic = { DOCKER_BUILDKIT: '0' };
    const built = await docker(['build', '-t', 'loud', context], undefined, classic);
    expect(built.stdout).toMatch(/Step 2\/3 : COPY word\.txt \/[\s\S]*Successfully built [0-9a-f]{12}\nSuccessfully tagged loud:latest\n$/);
    expect((await docker(['run', '--rm', 'loud'])).stdout).toBe('HELLO\n');
    const again = await docker(['build', context], undefined, classic);
    expect(again.stdout.match(/ ---> Using cache/g)).toHaveLength(2);
    const quiet = await docker(['build', '-q', context], undefined, classic);
    expect(quiet.stdout).toBe((await docker(['images', '-q', '--no-trunc', 'loud'])).stdout);
    await writeFile(join(context, 'Dockerfile'), 'FROM busybox\nRUN echo why; exit 3\n');
    const failed = await docker(['build', context], undefined, classic);
    expect([failed.code, failed.stdout, failed.stderr]).toEqual([
      3,
      expect.stringContaining('why\n'),
      expect.stringContaining("The command '/bin/sh -c echo why; exit 3' returned a non-zero code: 3"),
    ]);
  });

  test("the container's exit status is the client's", async () => {
    expect((await docker(['run', '--rm', 'busybox', 'sh', '-c', 'exit 42'])).code).toBe(42);
    expect((await docker(['run', '--rm', 'busybox', 'sh', '-c', 'sleep 100 & kill -9 $!; wait $!'])).code).toBe(137);
  });

  test('a missing program is 127, a directory is 126, an unknown image is 125', async () => {
    const missing = await docker(['run', '--rm', 'busybox', 'nonesuch']);
    expect(missing.stderr).toContain('exec: "nonesuch": executable file not found in $PATH');
    expect(missing.code).toBe(127);
    const directory = await docker(['run', '--rm', 'busybox', '/etc']);
    expect(directory.stderr).toMatch(/permission denied|is a directory/);
    expect(directory.code).toBe(126);
    const image = await docker(['run', '--rm', 'nonesuch-image']);
    expect(image.stderr).toContain('pull access denied for nonesuch-image');
    expect(image.code).toBe(125);
  });

  test('stdin reaches the container and its end closes it', async () => {
    const text = 'line\n'.repeat(20_000);
    const { stdout, code } = await docker(['run', '--rm', '-i', 'busybox', 'md5sum'], text);
    const { createHash } = await import('node:crypto');
    expect(stdout.split(' ')[0]).toBe(createHash('md5').update(text).digest('hex'));
    expect(code).toBe(0);
  });

  test('stdout and stderr stay apart', async () => {
    const { stdout, stderr } = await docker(['run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2']);
    expect(stdout).toBe('out\n');
    expect(stderr).toBe('err\n');
  });

  test('a detached container is listed, executes, logs, stops and goes', async () => {
    const id = (
      await docker(['run', '-d', '--name', 'loop', 'busybox', 'sh', '-c', 'trap "exit 3" TERM; echo up; sleep 1000 & wait'])
    ).stdout.trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect((await docker(['ps', '--format', '{{.Names}} {{.Image}} {{.State}}'])).stdout).toContain('loop busybox running\n');
    const inside = await docker(['exec', '-e', 'WORD=maple', '-w', '/tmp', 'loop', 'sh', '-c', 'echo $WORD $PWD; cat /proc/1/comm']);
    expect(inside.stdout).toBe('maple /tmp\nsh\n');
    expect((await docker(['exec', 'loop', 'sh', '-c', 'exit 7'])).code).toBe(7);
    await expect.poll(async () => (await docker(['top', 'loop'])).stdout).toContain('sleep 1000');
    await docker(['stop', 'loop']);
    expect((await docker(['wait', 'loop'])).stdout).toBe('3\n');
    expect((await docker(['logs', 'loop'])).stdout).toBe('up\n');
    expect((await docker(['rm', 'loop'])).code).toBe(0);
    const gone = await docker(['inspect', 'loop']);
    expect(gone.stderr).toContain('No such object: loop');
    expect(gone.code).toBe(1);
  });

  test('a limit of memory is enforced by the kernel and reported as OOM', async () => {
    await docker(['run', '--name', 'hog', '-m', '32m', 'busybox', 'tail', '/dev/zero']);
    const { stdout } = await docker(['inspect', '--format', '{{.State.OOMKilled}} {{.State.ExitCode}}', 'hog']);
    expect(stdout).toBe('true 137\n');
    await docker(['rm', 'hog']);
  });

  test('containers reach each other by address over the default bridge', async () => {
    await docker(['run', '-d', '--name', 'peer', 'busybox', 'nc', '-ll', '-p', '7000', '-e', 'echo', 'pong']);
    const address = (await docker(['inspect', '--format', '{{.NetworkSettings.Networks.bridge.IPAddress}}', 'peer'])).stdout.trim();
    expect(address).toMatch(/^172\.17\./);
    const { stdout } = await docker([
      'run',
      '--rm',
      'busybox',
      'sh',
      '-c',
      `for i in $(seq 100); do nc ${address} 7000 </dev/null && break; sleep 0.2; done`,
    ]);
    expect(stdout).toContain('pong');
    await docker(['rm', '-f', 'peer']);
  });

  test('a name in use is a conflict in Docker words and the first container is untouched', async () => {
    await docker(['create', '--name', 'taken', 'busybox']);
    const before = (await docker(['inspect', '--format', '{{.Id}}', 'taken'])).stdout;
    const again = await docker(['create', '--name', 'taken', 'busybox']);
    expect(again.stderr).toContain('Conflict. The container name "/taken" is already in use by container');
    expect((await docker(['inspect', '--format', '{{.Id}}', 'taken'])).stdout).toBe(before);
    await docker(['rm', 'taken']);
  });

  test('the size of a container counts every file that it wrote, however many', async () => {
    await docker(['run', '--name', 'many', 'busybox', 'sh', '-c', 'mkdir /d; for i in $(seq 1000); do echo 12345 > /d/$i; done']);
    expect((await docker(['inspect', '--size', '--format', '{{.SizeRw}}', 'many'])).stdout).toBe('6000\n');
    await docker(['rm', 'many']);
  });

  test('100 KB of arguments and of environment arrive whole, by run and by exec', async () => {
    const word = 'words '.repeat(16_667);
    const sums = 'a=$(printf %s "$1" | md5sum); e=$(printf %s "$LONG" | md5sum); echo ${#1} ${#LONG} $a $e';
    const sum = createHash('md5').update(word).digest('hex');
    const wanted = `${word.length} ${word.length} ${sum} - ${sum} -\n`;
    const run = await docker(['run', '--name', 'long', '-e', `LONG=${word}`, 'busybox', 'sh', '-c', sums, 'sh', word]);
    expect(run).toMatchObject({ code: 0, stdout: wanted });
    const inspected = await docker(['inspect', '--format', '{{json .Args}}', 'long']);
    expect(inspected.stdout).toBe(`${JSON.stringify(['-c', sums, 'sh', word])}\n`);
    await docker(['rm', 'long']);
    await docker(['run', '-d', '--name', 'host', 'busybox', 'sleep', '1000']);
    const exec = await docker(['exec', '-e', `LONG=${word}`, 'host', 'sh', '-c', sums, 'sh', word]);
    expect(exec).toMatchObject({ code: 0, stdout: wanted });
  });

  test('what Linux refuses as too long ends like a program that cannot be executed', async () => {
    const file = join(folder, 'long.env');
    await writeFile(file, Array.from({ length: 40 }, (_, index) => `V${index}=${'x'.repeat(60_000)}\n`).join(''));
    const wanted = { code: 255, stdout: '', stderr: 'exec /bin/true: argument list too long\n' };
    expect(await docker(['run', '--rm', '--env-file', file, 'busybox', 'true'])).toMatchObject(wanted);
    expect(await docker(['exec', '--env-file', file, 'host', 'true'])).toMatchObject(wanted);
    await docker(['rm', '-f', 'host']);
  });

  test('a container leaves its network and joins it again while it runs', async () => {
    await docker(['run', '-d', '--name', 'moves', 'busybox', 'sleep', '1000']);
    const look = async () => (await docker(['exec', 'moves', 'sh', '-c', 'ls /sys/class/net; ip r; grep -c ^172 /etc/hosts'])).stdout;
    const before = await look();
    expect(before).toMatch(/^eth0\nlo\ndefault via 172\.17\.0\.1 dev eth0 \n[^]*\n1\n$/);
    expect(await docker(['network', 'disconnect', 'bridge', 'moves'])).toMatchObject({ code: 0, stderr: '' });
    expect(await look()).toBe('lo\n0\n');
    expect(await docker(['network', 'connect', 'bridge', 'moves'])).toMatchObject({ code: 0, stderr: '' });
    expect(await look()).toBe(before);
    expect((await docker(['exec', 'moves', 'ping', '-c1', '-W20', '172.17.0.1'])).stdout).toContain(' 0% packet loss');
    await docker(['rm', '-f', 'moves']);
  });

  test('a client of version 1.24 runs a container, is rid of it, and lists images by name', async () => {
    const events = async (): Promise<string> =>
      (await docker(['events', '--until', '0s', '--filter', 'container=old', '--format', '{{.Action}}'])).stdout;
    const old = { DOCKER_API_VERSION: '1.24' };
    expect(await docker(['run', '--rm', '--name', 'old', 'busybox', 'echo', 'hi'], '', old)).toMatchObject({ code: 0, stdout: 'hi\n' });
    await expect.poll(events).toMatch(/^create\n[^]*die\n[^]*destroy\n$/);
    expect((await docker(['images', '-q', 'nonesuch'], '', old)).stdout).toBe('');
  });

  test('64 MB through attach lose no byte', async () => {
    const child = spawn('docker', ['run', '--rm', 'busybox', 'dd', 'if=/dev/zero', 'bs=64k', 'count=1024'], {
      env: { ...process.env, DOCKER_HOST: engine.address },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let size = 0;
    for await (const chunk of child.stdout) size += (chunk as Buffer).length;
    expect(size).toBe(64 * 1024 * 1024);
  });
});
