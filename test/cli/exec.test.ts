import { describe, expect, it } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import type { RecordedEngine } from '../../src/cli/testing/recorded-engine.ts';
import { cliEngine } from './engine.ts';

async function withWeb(): Promise<RecordedEngine> {
  const engine = await cliEngine();
  await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'sleep']);
  return engine;
}

const terminal = { rows: 40, columns: 100 };

describe('docker exec', () => {
  it('passes input on, half-closes at its end and exits as the command did', async () => {
    const engine = await withWeb();
    expect(await docker(engine.handler, ['exec', '-i', 'web', 'cat'], { stdin: 'abc' })).toEqual({ status: 0, stdout: 'abc', stderr: '' });
    expect((await docker(engine.handler, ['exec', 'web', 'exit', '9'])).status).toBe(9);
  });

  it('gives the command a terminal of the right size from its first moment', async () => {
    const engine = await withWeb();
    const session = new FakeSession({ engine: engine.handler, args: ['exec', '-it', 'web', 'size'], terminal });
    const started = await engine.saw(/exec\/\w+\/start/);
    expect(started.body).toMatchObject({ Tty: true, ConsoleSize: [40, 100] });
    await engine.saw(/exec\/\w+\/resize\?h=40&w=100/);
    await session.type('\r');
    await session.printed('40x100');
    await session.type('q');
    expect((await session.finished).status).toBe(0);
    expect(session.rawModes).toEqual([true, false]);
  });

  it('says that the escape sequence was read when one detaches', async () => {
    const engine = await withWeb();
    const session = new FakeSession({ engine: engine.handler, args: ['exec', '-it', '--detach-keys', 'ctrl-x', 'web', 'cat'], terminal });
    await session.type('hey');
    await session.printed('hey');
    await session.type('\x18');
    expect(await session.finished).toEqual({ status: 1, stdout: 'heyread escape sequence\n', stderr: '' });
  });

  it('makes no exec when the container is not there or the terminal is missing', async () => {
    const engine = await withWeb();
    expect((await docker(engine.handler, ['exec', '-it', 'nope', 'sh'])).stderr).toBe(
      'Error response from daemon: No such container: nope\n',
    );
    expect((await docker(engine.handler, ['exec', '-it', 'web', 'sh'])).stderr).toBe('the input device is not a TTY\n');
    expect(engine.requests.filter(({ target }) => target.endsWith('/exec'))).toEqual([]);
  });
});
