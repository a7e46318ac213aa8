import { describe, expect, it } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

describe('docker logs', () => {
  it('puts each output where it belongs', async () => {
    const engine = await cliEngine();
    await docker(engine.handler, ['run', '--name', 'old', 'busybox', 'both', 'out', 'err']);
    expect(await docker(engine.handler, ['logs', 'old'])).toEqual({ status: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('follows until Ctrl-C, which ends the request and exits with 130 while the container runs on', async () => {
    const engine = await cliEngine();
    await docker(engine.handler, ['create', '-i', '--name', 'web', 'busybox', 'cat']);
    const started = new FakeSession({ engine: engine.handler, args: ['start', '-ai', 'web'] });
    await engine.saw(/start$/);
    const logs = new FakeSession({ engine: engine.handler, args: ['logs', '-f', 'web'] });
    await engine.saw(/logs\?/);
    await started.type('one\n');
    await logs.printed('one\n');
    logs.signal(2);
    expect((await logs.finished).status).toBe(130);
    expect((await docker(engine.handler, ['ps', '-q'])).stdout).not.toBe('');
    await started.endInput();
    expect((await started.finished).status).toBe(0);
  });
});
