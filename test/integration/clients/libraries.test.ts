import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';

describe('client libraries against the headless engine', () => {
  let engine: RunningEngine;
  let docker: Docker;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    docker = new Docker({ socketPath: `${folder}/engine.sock` });
    const progress = await docker.pull('busybox:latest');
    await new Promise<void>((resolve, reject) => docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())));
  });
  afterAll(() => engine.stop());

  test('dockerode runs a container and gets its output and status', async () => {
    const [output, errors] = [new PassThrough(), new PassThrough()];
    const [written, complained] = [text(output), text(errors)];
    const [status]: [{ StatusCode: number }] = await docker.run(
      'busybox',
      ['sh', '-c', 'echo to stdout; echo to stderr >&2; exit 4'],
      [output, errors],
      { Tty: false },
    );
    expect(status.StatusCode).toBe(4);
    expect([await written, await complained]).toEqual(['to stdout\n', 'to stderr\n']);
  });

  test('dockerode follows the events of a life', async () => {
    const events = await docker.getEvents({ filters: { type: ['container'] } });
    const seen: string[] = [];
    const died = new Promise<void>((resolve) => {
      events.on('data', (chunk: Buffer) => {
        for (const line of chunk.toString().split('\n').filter(Boolean)) {
          const { Action } = JSON.parse(line) as { Action: string };
          seen.push(Action);
          if (Action === 'destroy') resolve();
        }
      });
    });
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['true'] });
    await container.start();
    await container.wait();
    await container.remove();
    await died;
    expect(seen).toEqual(expect.arrayContaining(['create', 'start', 'die', 'destroy']));
    (events as unknown as { destroy(): void }).destroy();
  });

  test('dockerode executes in a container, with stdin', async () => {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '1000'] });
    await container.start();
    const exec = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: true });
    const output = new PassThrough();
    docker.modem.demuxStream(stream, output, output);
    stream.on('end', () => output.end());
    stream.write('through and back');
    stream.end();
    expect(await text(output)).toBe('through and back');
    expect((await exec.inspect()).ExitCode).toBe(0);
    await container.remove({ force: true });
  });

  test('an unknown container is a 404 with a message', async () => {
    await expect(docker.getContainer('nonesuch').inspect()).rejects.toMatchObject({
      statusCode: 404,
      json: { message: 'No such container: nonesuch' },
    });
  });

  test('testcontainers starts a container and executes in it', async () => {
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';
    process.env['DOCKER_HOST'] = engine.address;
    const { GenericContainer, Wait } = await import('testcontainers');
    const started = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', 'echo ready; sleep 1000'])
      .withEnvironment({ WORD: 'harbor' })
      .withWaitStrategy(Wait.forLogMessage('ready'))
      .start();
    const { output, exitCode } = await started.exec(['sh', '-c', 'echo $WORD']);
    expect(output).toBe('harbor\n');
    expect(exitCode).toBe(0);
    await started.stop();
  });
});
