import { PassThrough, type Duplex, type Readable } from 'node:stream';
import Docker from 'dockerode';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { servedEngine, type ServedEngine } from './socket.ts';

let served: ServedEngine;
let docker: Docker;

beforeEach(async () => {
  served = await servedEngine();
  docker = new Docker({ socketPath: served.path });
});

afterEach(() => served.listener.close());

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}

function demultiplexed(stream: Duplex | NodeJS.ReadableStream): { readonly stdout: Promise<string>; readonly stderr: Promise<string> } {
  const [out, error] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, error);
  stream.on('end', () => [out, error].forEach((each) => each.end()));
  return { stdout: text(out), stderr: text(error) };
}

async function pull(): Promise<readonly unknown[]> {
  const stream = await docker.pull('busybox:latest');
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => (error === null ? resolve(output) : reject(error)));
  });
}

test('dockerode pulls and follows the progress to its end', async () => {
  expect((await pull()).at(-1)).toEqual({ status: 'Status: Downloaded newer image for busybox:latest' });
  expect((await docker.listImages())[0]?.RepoTags).toEqual(['busybox:latest']);
});

test('dockerode runs a container, hijacked, and gets its output and its exit code', async () => {
  await pull();
  const output = new PassThrough();
  const whole = text(output);
  const [result]: [{ StatusCode: number }] = await docker.run('busybox', ['echo', 'hello'], output);
  expect(result.StatusCode).toBe(0);
  expect(await whole).toContain('hello');
});

test('dockerode attaches with stdin, both with and without an upgrade', async () => {
  await pull();
  for (const hijack of [true, false]) {
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack });
    const { stdout } = demultiplexed(stream);
    await container.start();
    stream.write('ping');
    // Without an upgrade dockerode's stream cannot be half-closed: the container is stopped instead.
    if (hijack) stream.end();
    else {
      await new Promise((resolve) => stream.once('data', resolve));
      await container.stop();
    }
    expect(await stdout).toBe('ping');
  }
});

test('dockerode executes in a container and reads both outputs apart', async () => {
  await pull();
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep'] });
  await container.start();
  const exec = await container.exec({ Cmd: ['sh', '-c', 'echo oops >&2'], AttachStdout: true, AttachStderr: true });
  const { stdout, stderr } = demultiplexed(await exec.start({ hijack: true, stdin: false }));
  expect([await stdout, await stderr]).toEqual(['', 'oops\n']);
  expect((await exec.inspect()).ExitCode).toBe(0);
});

test('dockerode waits, kills, follows logs and events, and sees errors as they are', async () => {
  await pull();
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep'], name: 'web' });
  const events = await docker.getEvents({ filters: { type: ['container'] } });
  await container.start();
  const logs = await container.logs({ follow: true, stdout: true });
  const waiting = container.wait();
  await container.kill();
  expect(await waiting).toMatchObject({ StatusCode: 137 });
  for await (const chunk of logs) throw new Error(`nothing was written, but ${String(chunk)} came`);
  const [first] = await new Promise<Buffer[]>((resolve) => events.once('data', (chunk: Buffer) => resolve([chunk])));
  expect(JSON.parse(String(first).split('\n')[0] ?? '')).toMatchObject({ Type: 'container', Action: 'start' });
  await expect(docker.getContainer('none').inspect()).rejects.toMatchObject({
    statusCode: 404,
    json: { message: 'No such container: none' },
  });
  await expect(docker.createContainer({ Image: 'busybox', name: 'web' })).rejects.toMatchObject({ statusCode: 409 });
});

test('many requests at once, over several connections, get each their own answer', async () => {
  await pull();
  const made = await Promise.all(Array.from({ length: 40 }, (_, index) => docker.createContainer({ Image: 'busybox', name: `c${index}` })));
  const names = await Promise.all(made.map(async (container) => (await container.inspect()).Name));
  expect(names).toEqual(made.map((_, index) => `/c${index}`));
});
