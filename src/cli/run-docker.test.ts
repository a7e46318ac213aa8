import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../protocol/http.ts';
import { supportTable } from './support-table.ts';
import { docker, FakeSession } from './testing/fake-session.ts';
import { answering, RecordedEngine } from './testing/recorded-engine.ts';

const idle = () => Promise.reject(new Error('the daemon is asked nothing'));

describe('what does not exist here', () => {
  it.each([
    [['compose', 'up'], "docker: 'docker compose up' is not supported by Drydock: it is not there yet\n", 1],
    [['swarm', 'init'], "docker: 'docker swarm init' is not supported by Drydock: there is one node only\n", 1],
  ])('docker %j is refused in clear words', async (args, stderr, status) => {
    expect(await docker(idle, args)).toEqual({ status, stdout: '', stderr });
  });

  it('a flag that cannot be honoured is refused, not ignored', async () => {
    const result = await docker(idle, ['network', 'create', '--ingress', 'mine']);
    expect(result.status).toBe(125);
    expect(result.stderr).toMatch(/^--ingress is not supported by Drydock: there is one node only\n/);
  });

  it('--use-api-socket mounts the engine’s socket behind all other mounts', async () => {
    const engine = new RecordedEngine(answering({ 'POST /containers/create': { Id: 'x', Warnings: [] } }));
    const line = ['create', '--use-api-socket', '--mount', 'type=bind,src=/x,dst=/y', 'busybox'];
    expect((await docker(engine.handler, line)).status).toBe(0);
    const socket = '/var/run/docker.sock';
    expect(engine.requests.at(-1)?.body).toMatchObject({
      HostConfig: {
        Mounts: [
          { Type: 'bind', Source: '/x', Target: '/y' },
          { Type: 'bind', Source: socket, Target: socket, BindOptions: {} },
        ],
      },
    });
  });
});

describe('the session', () => {
  it('answers at the one address there is and nowhere else', async () => {
    const engine = new RecordedEngine(answering({ 'GET /containers/json': [] }));
    expect((await docker(engine.handler, ['-H', 'unix:///var/run/docker.sock', 'ps', '-q'])).status).toBe(0);
    expect(await docker(engine.handler, ['ps'], { env: { DOCKER_HOST: 'tcp://other:2375' } })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'Cannot connect to the Docker daemon at tcp://other:2375. Is the docker daemon running?\n',
    });
  });

  it('shows what there is to know of the client alone', async () => {
    const elsewhere = ['-H', 'tcp://other:2375'];
    const complaint = 'Cannot connect to the Docker daemon at tcp://other:2375. Is the docker daemon running?\n';
    expect(await docker(idle, [...elsewhere, 'version'])).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^Client:\n Version: [^]*\n Context: {11}default\n$/),
      stderr: complaint,
    });
    expect(await docker(idle, [...elsewhere, 'info'])).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^Client:\n[^]*\n\nServer:\n$/),
      stderr: complaint,
    });
  });

  it('asks the daemon once for a list and calls itself the cli', async () => {
    const seen: HttpRequest[] = [];
    const engine = new RecordedEngine(answering({ 'GET /containers/json': [] }));
    await docker(
      (request) => {
        seen.push(request);
        return engine.handler(request);
      },
      ['ps'],
    );
    expect(seen.map(({ method, target, transport }) => [method, target, transport])).toEqual([['GET', '/v1.50/containers/json', 'cli']]);
  });

  it('leaves everybody else their turns while it asks an engine that answers at once', async () => {
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    await docker(answering({}), ['rm', ...Array.from({ length: 5000 }, (_none, at) => `c${at}`)]);
    await docker(answering({ 'GET /events': '{"Type":"container"}\n'.repeat(20_000) }), ['events', '--until', '1']);
    clearInterval(others);
    expect(turns).toBeGreaterThan(4);
  });

  it('answers no to a question that is interrupted, as docker does', async () => {
    const session = new FakeSession({ engine: idle, args: ['container', 'prune'] });
    await session.printed('[y/N] ');
    session.signal(2);
    expect(await session.finished).toMatchObject({
      status: 0,
      stdout: 'WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] \n',
    });
  });

  it('can be interrupted again once a question is answered', async () => {
    let asked: () => void = () => undefined;
    const pruning = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const session = new FakeSession({
      args: ['container', 'prune'],
      engine: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    await session.type('y\n');
    await pruning;
    session.signal(2);
    expect((await session.finished).status).toBe(130);
  });

  it.each([
    [1, 129],
    [2, 130],
    [3, 2],
    [13, 141],
    [15, 143],
  ])('ends by signal %i as a Go program does', async (signal, status) => {
    const session = new FakeSession({ engine: () => new Promise(() => undefined), args: ['wait', 'web'] });
    session.signal(10);
    session.signal(28);
    session.signal(signal);
    expect((await session.finished).status).toBe(status);
  });

  it('does not take a new size of the terminal for an answer', async () => {
    const session = new FakeSession({ engine: idle, args: ['container', 'prune'] });
    await session.printed('[y/N] ');
    session.signal(28);
    await session.type('n\n');
    expect((await session.finished).stdout).toMatch(/\[y\/N\] $/);
  });

  it('shows its own version where scripts look for it', async () => {
    expect((await docker(idle, ['--version'])).stdout).toMatch(/^Docker version 28\.2\.2-drydock, build /);
  });
});

describe('the support table', () => {
  it('says why, wherever something is not fully supported', () => {
    expect(supportTable().filter((entry) => entry.level !== 'full' && entry.note === '')).toEqual([]);
  });

  it('has every command once', () => {
    const commands = supportTable()
      .filter((entry) => entry.flag === '')
      .map((entry) => entry.command);
    expect(new Set(commands).size).toBe(commands.length);
  });

  it.each([
    '--memory',
    '--memory-swap',
    '--cpus',
    '--cpu-shares',
    '--pids-limit',
    '--cap-add',
    '--cap-drop',
    '--read-only',
    '--tmpfs',
    '--init',
    '--stop-signal',
    '--stop-timeout',
    '--restart',
    '--env-file',
    '--detach-keys',
    '--sig-proxy',
  ])('honours docker run %s fully', (flag) => {
    expect(supportTable()).toContainEqual({ command: 'docker run', flag, level: 'full', note: '' });
  });
});
