import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAll, sourceOf, type ByteSource } from '../../../src/base/streams.ts';
import { tarEntries } from '../../../src/base/tar/read.ts';
import { tarOf } from '../../../src/base/tar/write.ts';
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

  test('dockerode keeps volumes, networks and archives, and commits', async () => {
    await docker.createVolume({ Name: 'hold', Labels: { made: 'here' } });
    const network = await docker.createNetwork({ Name: 'quay', IPAM: { Config: [{ Subnet: '10.92.0.0/24' }] } });
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'cat /put/file; echo kept >/hold/file; sleep 1000'],
      HostConfig: { Mounts: [{ Type: 'volume', Source: 'hold', Target: '/hold' }], NetworkMode: 'quay' },
    });
    const said = 'through an archive\n';
    const owner = { uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map<string, Uint8Array>() };
    const header = { path: 'put/file', type: 'file', mode: 0o644, size: said.length, ...owner } as const;
    const archive = tarOf([{ header, contents: sourceOf(Buffer.from(said)) }]);
    await container.putArchive(Buffer.from(await readAll(archive)), { path: '/' });
    await container.start();
    expect((await container.inspect()).NetworkSettings.Networks['quay']?.IPAddress).toBe('10.92.0.2');
    expect(Object.keys((await network.inspect()).Containers ?? {})).toEqual([container.id]);
    await expect.poll(async () => (await container.logs({ stdout: true })).toString()).toContain('through an archive');
    const names: string[] = [];
    const got: ByteSource = sourceOf(new Uint8Array(await buffer(await container.getArchive({ path: '/put' }))));
    for await (const { header } of tarEntries(got)) names.push(header.path);
    expect(names).toEqual(['put/', 'put/file']);
    const { Id: id } = await container.commit({ repo: 'made', tag: '1', comment: 'said' });
    expect(await docker.getImage('made:1').inspect()).toMatchObject({ Id: id, Comment: 'said' });
    expect((await docker.getImage('made:1').history())[0]).toMatchObject({ Comment: 'said' });
    await network.disconnect({ Container: container.id });
    await container.remove({ force: true });
    await network.remove();
    expect((await docker.listVolumes()).Volumes.map(({ Name }) => Name)).toEqual(['hold']);
    await docker.getVolume('hold').remove();
    await docker.getImage('made:1').remove();
  });

  test('testcontainers starts nginx, waits for its log, its port and its health, and uses it over its port', async () => {
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';
    process.env['DOCKER_HOST'] = engine.address;
    const { GenericContainer, Wait } = await import('testcontainers');
    const waits = [
      Wait.forLogMessage(/start worker process/),
      Wait.forListeningPorts(),
      Wait.forHealthCheck(),
      Wait.forHttp('/', 80).forStatusCode(200),
    ];
    const started = await new GenericContainer('nginx')
      .withExposedPorts(80)
      .withEnvironment({ WORD: 'harbor' })
      .withCopyContentToContainer([{ content: 'a page of ours', target: '/usr/share/nginx/html/ours.txt' }])
      .withHealthCheck({ test: ['CMD-SHELL', 'test -s /run/nginx.pid'], interval: 500, timeout: 30_000, retries: 20 })
      .withWaitStrategy(Wait.forAll(waits))
      .start();
    const answer = await fetch(`http://${started.getHost()}:${started.getMappedPort(80)}/ours.txt`);
    expect([answer.status, await answer.text()]).toEqual([200, 'a page of ours']);
    const { output, exitCode } = await started.exec(['sh', '-c', 'echo $WORD; exit 3']);
    expect([output, exitCode]).toEqual(['harbor\n', 3]);
    await started.stop();
    await expect(docker.getContainer(started.getId()).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });
});
