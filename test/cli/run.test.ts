import { describe, expect, it } from 'vitest';
import { createPipe } from '../../src/base/streams.ts';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import type { RecordedEngine } from '../../src/cli/testing/recorded-engine.ts';
import { cliEngine } from './engine.ts';

const paths = (engine: RecordedEngine): string[] =>
  engine.requests.map(({ method, target }) => `${method} ${target.replace(/^\/v1\.50/, '').replace(/[0-9a-f]{64}/, 'ID')}`);

describe('docker run', () => {
  it('creates, attaches, waits and starts in this order and ends with the container status', async () => {
    const engine = await cliEngine();
    const result = await docker(engine.handler, ['run', '--rm', 'busybox', 'both', 'out1', 'err1', 'out2']);
    expect(result).toEqual({ status: 0, stdout: 'out1\nout2\n', stderr: 'err1\n' });
    expect(paths(engine)).toEqual([
      'POST /containers/create',
      'POST /containers/ID/attach?stderr=1&stdout=1&stream=1',
      'POST /containers/ID/wait?condition=removed',
      'POST /containers/ID/start',
    ]);
  });

  it('exits with what the container exits with', async () => {
    expect((await docker((await cliEngine()).handler, ['run', 'busybox', 'exit', '37'])).status).toBe(37);
  });

  it('prints the ID and returns at once with -d', async () => {
    const engine = await cliEngine();
    const result = await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
    expect(result).toEqual({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/), stderr: '' });
    expect((await docker(engine.handler, ['ps', '--format', '{{.Names}} {{.State}}'])).stdout).toBe('web running\n');
  });

  it('pulls a missing image with its progress on stderr and tries again', async () => {
    const engine = await cliEngine({ images: [], registry: ['busybox:latest'] });
    const result = await docker(engine.handler, ['run', 'busybox', 'echo', 'hi']);
    expect(result.stdout).toBe('hi\n');
    expect(result.stderr).toContain(
      "Unable to find image 'busybox:latest' locally\nlatest: Pulling from library/busybox\n04aeccbd4be4: Pulling fs layer\n",
    );
    expect(result.stderr).toContain('Status: Downloaded newer image for busybox:latest\n');
  });

  it('exits with 125 when the daemon refuses, 127 when the command is not there', async () => {
    const engine = await cliEngine();
    expect(await docker(engine.handler, ['run', 'nope'])).toEqual({
      status: 125,
      stdout: '',
      stderr:
        "Unable to find image 'nope:latest' locally\n" +
        "docker: Error response from daemon: pull access denied for nope, repository does not exist or may require 'docker login'. This playground cannot reach Docker Hub; it ships these images: busybox\n\n" +
        "Run 'docker run --help' for more information\n",
    });
    expect((await docker(engine.handler, ['run', 'busybox', 'nope'])).status).toBe(127);
  });

  it('passes piped input on and half-closes at its end', async () => {
    const result = await docker((await cliEngine()).handler, ['run', '-i', 'busybox', 'cat'], { stdin: 'one\ntwo\n' });
    expect(result).toEqual({ status: 0, stdout: 'one\ntwo\n', stderr: '' });
  });

  it('leaves stdin alone without -i', async () => {
    const session = new FakeSession({
      engine: (await cliEngine()).handler,
      args: ['run', 'busybox', 'true'],
      stdin: 'for the next program',
    });
    await session.finished;
    expect(session.stdinWasRead).toBe(false);
  });

  it('refuses a tty without a terminal', async () => {
    expect(await docker((await cliEngine()).handler, ['run', '-it', 'busybox', 'cat'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'the input device is not a TTY\n',
    });
  });

  it('makes the terminal raw, follows its size and gives it back', async () => {
    const engine = await cliEngine();
    const session = new FakeSession({
      engine: engine.handler,
      args: ['run', '-it', 'busybox', 'size'],
      terminal: { rows: 40, columns: 100 },
    });
    await engine.saw(/resize\?h=40&w=100/);
    await session.type('\r');
    await session.printed('40x100');
    session.resize({ rows: 24, columns: 80 });
    await engine.saw(/resize\?h=24&w=80/);
    await session.type('\r');
    await session.printed('24x80');
    await session.type('q');
    expect((await session.finished).status).toBe(0);
    expect(session.rawModes).toEqual([true, false]);
  });

  it('detaches on ctrl-p ctrl-q, also in two pieces, and leaves the container running', async () => {
    const engine = await cliEngine();
    const session = new FakeSession({
      engine: engine.handler,
      args: ['run', '-it', '--name', 'web', 'busybox', 'cat'],
      terminal: { rows: 40, columns: 100 },
    });
    await session.type('hello');
    await session.printed('hello');
    await session.type('\x10');
    await session.type('\x11');
    expect((await session.finished).status).toBe(0);
    expect(session.rawModes).toEqual([true, false]);
    expect((await docker(engine.handler, ['ps', '-q'])).stdout).not.toBe('');
  });

  it('forwards signals to the container and ends as it ends', async () => {
    const engine = await cliEngine();
    const session = new FakeSession({ engine: engine.handler, args: ['run', 'busybox', 'sleep'] });
    await engine.saw(/start$/);
    session.signal(2);
    expect((await session.finished).status).toBe(130);
    expect(paths(engine)).toContain('POST /containers/ID/kill?signal=INT');
  });

  it('gives up on a container that does not heed signals at the third of them', async () => {
    const engine = await cliEngine();
    const session = new FakeSession({ engine: engine.handler, args: ['run', 'busybox', 'stubborn'] });
    await engine.saw(/start$/);
    for (const signal of [2, 2, 15]) session.signal(signal);
    expect(await session.finished).toEqual({ status: 1, stdout: '', stderr: '\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n' });
    expect((await docker(engine.handler, ['ps', '-q'])).stdout).not.toBe('');
  });

  it('ends as SIGPIPE ends a process when its reader is gone', async () => {
    const session = new FakeSession({ engine: (await cliEngine()).handler, args: ['run', 'busybox', 'echo', 'hi'], closedOutput: true });
    expect(await session.finished).toEqual({ status: 141, stdout: '', stderr: '' });
  });

  it('writes --cidfile and refuses to overwrite it', async () => {
    const files = new Map<string, string>();
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '--cidfile', '/tmp/id', 'busybox', 'true'], { files });
    expect(files.get('/tmp/id')).toMatch(/^[0-9a-f]{64}$/);
    const again = await docker(engine.handler, ['run', '--cidfile', '/tmp/id', 'busybox', 'true'], { files });
    expect(again.status).toBe(125);
    expect(again.stderr).toContain('container ID file found');
  });

  it('leaves no container behind whose ID it cannot write', async () => {
    const engine = await cliEngine();
    expect(await docker(engine.handler, ['run', '-d', '--cidfile', '/nowhere/id', 'busybox', 'sleep'])).toEqual({
      status: 127,
      stdout: '',
      stderr:
        "docker: failed to create the container ID file: open /nowhere/id: no such file or directory\n\nRun 'docker run --help' for more information\n",
    });
    expect((await docker(engine.handler, ['ps', '-aq'])).stdout).toBe('');
  });

  it('takes the environment from files, from values and from its own environment', async () => {
    const files = new Map([['app.env', '# comment\nA=1\n\nFROM_HERE\nNOT_SET\n']]);
    const result = await docker(
      (await cliEngine()).handler,
      ['run', '--env-file', 'app.env', '-e', 'B=two', '-e', 'HOME', 'busybox', 'env'],
      {
        files,
        env: { FROM_HERE: 'yes', HOME: '/root' },
      },
    );
    expect(result.stdout).toMatch(/^PATH=\/bin\nHOSTNAME=[0-9a-f]{12}\nA=1\nFROM_HERE=yes\nB=two\nHOME=\/root\n$/);
  });

  it('does not wait for a key when the command is not there and only input was attached', async () => {
    const session = new FakeSession({ engine: (await cliEngine()).handler, args: ['run', '-i', '-a', 'stdin', 'busybox', 'nope'] });
    expect((await session.finished).status).toBe(127);
  });

  it('says nothing about the exit it no longer waits for with -d', async () => {
    const engine = await cliEngine();
    const waiting = createPipe();
    const session = new FakeSession({
      args: ['run', '-d', 'busybox', 'sleep'],
      engine: async (request) => {
        if (!request.target.includes('/wait')) return engine.handler(request);
        request.signal.addEventListener('abort', () => waiting.sink.abort());
        return { status: 200, headers: {}, body: waiting.source };
      },
    });
    await session.finished;
    expect(await waiting.source.read().catch(() => 'aborted')).toBe('aborted');
    expect(session.errors).toBe('');
  });
});
