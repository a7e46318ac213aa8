import { describe, expect, it } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

const terminal = { rows: 40, columns: 100 };

describe('docker attach', () => {
  it('makes the program redraw, then detaches and leaves it running', async () => {
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '-dit', '--name', 'web', 'busybox', 'cat']);
    const session = new FakeSession({ engine: engine.handler, args: ['attach', 'web'], terminal });
    await engine.saw(/resize\?h=41&w=101/);
    await engine.saw(/resize\?h=40&w=100/);
    await session.type('hey');
    await session.printed('hey');
    await session.type('\x10\x11');
    expect(await session.finished).toEqual({ status: 1, stdout: 'heyread escape sequence\n', stderr: '' });
    expect(session.rawModes).toEqual([true, false]);
  });

  it('forwards Ctrl-C without a terminal inside, and exits as the container did', async () => {
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
    const session = new FakeSession({ engine: engine.handler, args: ['attach', 'web'] });
    await engine.saw(/attach/);
    session.signal(15);
    expect((await session.finished).status).toBe(143);
    await engine.saw(/kill\?signal=TERM/);
  });

  it('keeps signals to itself with --sig-proxy=false', async () => {
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
    const session = new FakeSession({ engine: engine.handler, args: ['attach', '--sig-proxy=false', 'web'] });
    await engine.saw(/attach/);
    session.signal(2);
    expect((await session.finished).status).toBe(130);
    expect((await docker(engine.handler, ['ps', '-q'])).stdout).not.toBe('');
  });
});
