import { describe, expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { createPipe } from '../../base/streams.ts';
import { docker, FakeSession } from '../testing/fake-session.ts';
import { answering, RecordedEngine } from '../testing/recorded-engine.ts';

const id = 'a'.repeat(64);
const event = (action: string): string => `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id } })}\n`;
const figures = `${JSON.stringify({ id, name: '/web', pids_stats: { current: 3 } })}\n`;

describe('docker stats', () => {
  it('asks for events before it asks what runs, so that no start is missed', async () => {
    const engine = new RecordedEngine(answering({ 'GET /containers/json': [], 'GET /events': '' }));
    await docker(engine.handler, ['stats']);
    expect(engine.requests.map(({ target }) => target.replace(/\?.*/, ''))).toEqual(['/v1.50/events', '/v1.50/containers/json']);
  });

  it('keeps a row without figures for a container that is gone before it can be asked', async () => {
    const engine = new RecordedEngine(answering({ 'GET /containers/json': [{ Id: id }], 'GET /events': event('start') }));
    const { status, stdout } = await docker(engine.handler, ['stats', '--format', '{{.Container}} {{.PIDs}}']);
    expect(status).toBe(0);
    expect(stdout).toContain('aaaaaaaaaaaa --');
  });

  it('fails when a container that was named is gone', async () => {
    const engine = new RecordedEngine(answering({ 'GET /containers/web/json': {} }));
    expect(await docker(engine.handler, ['stats', 'web'])).toMatchObject({
      status: 1,
      stderr: 'Error response from daemon: page not found\n',
    });
  });

  it('follows a container from its start and lets go of it when it dies', async () => {
    const events = createPipe();
    const stats = createPipe();
    const asked: AbortSignal[] = [];
    const session = new FakeSession({
      args: ['stats', '--format', '{{.Name}} {{.PIDs}}'],
      engine: async ({ target, signal }) => {
        const path = target.replace(/\?.*/, '').slice('/v1.50'.length);
        if (path === '/containers/json') return { status: 200, headers: {}, body: utf8('[]') };
        if (path === '/events') return { status: 200, headers: {}, body: events.source };
        asked.push(signal);
        return { status: 200, headers: {}, body: stats.source };
      },
    });
    await events.sink.write(utf8(event('start')));
    await stats.sink.write(utf8(figures));
    await session.printed('web 3');
    const letGo = new Promise((resolve) => asked[0]?.addEventListener('abort', resolve));
    await events.sink.write(utf8(event('die')));
    await letGo;
    await events.sink.close();
    expect((await session.finished).status).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('ends when nobody reads the table any more', async () => {
    const events = createPipe();
    const session = new FakeSession({
      args: ['stats'],
      closedOutput: true,
      engine: async ({ target }) => {
        if (target.includes('/containers/json')) return { status: 200, headers: {}, body: utf8('[]') };
        return { status: 200, headers: {}, body: events.source };
      },
    });
    expect((await session.finished).status).toBe(141);
  });
});
