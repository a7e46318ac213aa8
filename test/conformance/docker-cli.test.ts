/** The real docker client against the API, where it is installed. What it needs of a guest is in test/integration. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { servedEngine, type ServedEngine } from './socket.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describeWith(['docker'], 'the docker client', () => {
  let served: ServedEngine;

  beforeAll(async () => {
    served = await servedEngine();
  });
  afterAll(() => served.listener.close());

  function docker(args: readonly string[], options: { readonly input?: string; readonly apiVersion?: string } = {}): Promise<Outcome> {
    const version = options.apiVersion === undefined ? {} : { DOCKER_API_VERSION: options.apiVersion };
    const child = spawn('docker', args, { env: { ...process.env, DOCKER_HOST: `unix://${served.path}`, ...version } });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (out.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (out.stderr += String(chunk)));
    child.stdin.end(options.input ?? '');
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out })));
  }

  test('run pulls what is missing, and keeps both outputs and stdin apart', async () => {
    const first = await docker(['run', '--rm', 'busybox', 'echo', 'hello']);
    expect(first).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(first.stderr).toContain('Status: Downloaded newer image for busybox:latest');
    expect(await docker(['run', '--rm', 'busybox', 'sh', '-c', 'echo err >&2'])).toMatchObject({ code: 0, stdout: '', stderr: 'err\n' });
    expect(await docker(['run', '-i', '--rm', 'busybox', 'cat'], { input: 'piped' })).toMatchObject({ code: 0, stdout: 'piped' });
  });

  test('a detached container is listed, entered, stopped and removed', async () => {
    expect((await docker(['run', '-d', '--name', 'web', 'busybox', 'sleep'])).code).toBe(0);
    expect((await docker(['ps', '--format', '{{.Names}} {{.State}}'])).stdout).toBe('web running\n');
    expect(await docker(['exec', '-i', 'web', 'cat'], { input: 'in' })).toMatchObject({ code: 0, stdout: 'in' });
    expect((await docker(['exec', 'web', 'nothing'])).code).toBe(127);
    expect((await docker(['inspect', '-f', '{{.State.Running}}', 'web'])).stdout).toBe('true\n');
    expect((await docker(['stop', '-t', '1', 'web'])).stdout).toBe('web\n');
    expect((await docker(['wait', 'web'])).stdout).toBe('143\n');
    expect((await docker(['rm', 'web'])).code).toBe(0);
  });

  test('an old client, that asks for an old version, is served too', async () => {
    expect(await docker(['run', '--rm', 'busybox', 'echo', 'old'], { apiVersion: '1.30' })).toMatchObject({ code: 0, stdout: 'old\n' });
    expect((await docker(['version'], { apiVersion: '1.24' })).code).toBe(0);
    expect((await docker(['ps'], { apiVersion: '1.99' })).stderr).toContain(
      'client version 1.99 is too new. Maximum supported API version is 1.50',
    );
  });

  test('errors come out in its own words', async () => {
    expect(await docker(['run', 'nothing'])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('pull access denied for nothing'),
    });
    expect(await docker(['rm', 'nothing'])).toMatchObject({ code: 1, stderr: 'Error response from daemon: No such container: nothing\n' });
    expect(await docker(['rmi', 'nothing'])).toMatchObject({
      code: 1,
      stderr: 'Error response from daemon: No such image: nothing:latest\n',
    });
    expect(await docker(['inspect', 'nothing'])).toMatchObject({ code: 1, stderr: 'Error: No such object: nothing\n' });
    expect(await docker(['service', 'ls'])).toMatchObject({ code: 1, stderr: expect.stringContaining('This node is not a swarm manager') });
  });

  test('lists, history and events are read', async () => {
    expect((await docker(['images', '--format', '{{.Repository}}:{{.Tag}}'])).stdout).toBe('busybox:latest\n');
    expect((await docker(['history', '-q', 'busybox'])).stdout).toContain('<missing>');
    expect((await docker(['network', 'ls', '--format', '{{.Name}}'])).stdout).toBe('bridge\nhost\nnone\n');
    expect(await docker(['volume', 'ls', '-q'])).toMatchObject({ code: 0, stdout: '' });
    expect((await docker(['system', 'df'])).code).toBe(0);
    expect((await docker(['info', '--format', '{{.Driver}}'])).stdout).toBe('overlay2\n');
    const events = await docker([
      'events',
      '--since',
      '1',
      '--until',
      String(Date.now() / 1000),
      '--filter',
      'type=image',
      '--format',
      '{{.Action}} {{.Actor.ID}}',
    ]);
    expect(events.stdout).toBe('pull busybox:latest\n');
    expect((await docker(['rmi', 'busybox'])).stdout).toContain('Untagged: busybox:latest');
  });
});
