import { describe, expect, it } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

describe('the session', () => {
  it('ends every request it left open', async () => {
    const signals: AbortSignal[] = [];
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
    const session = new FakeSession({
      args: ['wait', 'web'],
      engine: async (request) => {
        signals.push(request.signal);
        return engine.handler(request);
      },
    });
    await engine.saw(/web\/wait/);
    session.signal(15);
    expect((await session.finished).status).toBe(143);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('ends with its reader, though signals go to the container', async () => {
    const engine = await cliEngine();
    const session = new FakeSession({ engine: engine.handler, args: ['run', 'busybox', 'stubborn'] });
    await engine.saw(/start$/);
    session.signal(13);
    expect((await session.finished).status).toBe(141);
    expect(engine.requests.filter(({ target }) => target.includes('/kill'))).toEqual([]);
  });

  it.each([1, 3, 13, 15])('gives the terminal back before signal %i is said to have ended it', async (signal) => {
    const { handler } = await cliEngine();
    const session = new FakeSession({ engine: handler, args: ['run', '-it', 'busybox', 'cat'], terminal: { rows: 24, columns: 80 } });
    const atItsEnd = session.finished.then(() => [...session.rawModes]);
    await session.type('up');
    await session.printed('up');
    session.signal(signal);
    expect(await atItsEnd).toEqual([true, false]);
  });
});
