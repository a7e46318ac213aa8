/** However a command is typed at, resized and signalled: it ends, gives the terminal back and leaves no request open. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

const commands: readonly (readonly string[])[] = [
  ['run', '-it', '--rm', 'busybox', 'cat'],
  ['run', '-i', 'busybox', 'cat'],
  ['run', '-it', 'busybox', 'sh'],
  ['run', 'busybox', 'stubborn'],
  ['run', '-it', 'busybox', 'nope'],
  ['run', '--sig-proxy=false', 'busybox', 'sleep'],
  ['exec', '-it', 'web', 'cat'],
  ['exec', '-i', 'web', 'cat'],
  ['attach', 'tty'],
  ['attach', 'web'],
  ['attach', '--sig-proxy=false', '--no-stdin', 'tty'],
  ['start', '-ai', 'old'],
  ['logs', '-f', 'web'],
  ['events'],
  ['stats'],
  ['wait', 'web'],
  ['container', 'prune'],
  ['pull', 'busybox'],
  ['stop', '-t', '1', 'web'],
];

type Action = { readonly signal: number } | { readonly keys: string } | { readonly rows: number } | { readonly turns: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ signal: fc.constantFrom(1, 2, 3, 13, 13, 15, 28, 99) }),
  fc.record({ keys: fc.constantFrom('a', '\r', '\x03', '\x04', '\x10', '\x11', '\x10\x11', 'y\n', 'exit\r', 'x'.repeat(5000)) }),
  fc.record({ rows: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ turns: fc.constantFrom(1, 3, 10, 60) }),
);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function perform(session: FakeSession, what: Action): Promise<void> {
  if ('signal' in what) session.signal(what.signal);
  else if ('keys' in what) void session.type(what.keys).catch(() => undefined);
  else if ('rows' in what) session.resize({ rows: what.rows, columns: 80 });
  else for (let count = 0; count < what.turns; count++) await turn();
}

test('a command that is interrupted at any moment ends and cleans up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...commands),
      fc.constantFrom(true, true, false),
      fc.array(action, { maxLength: 8 }),
      async (args, hasTerminal, actions) => {
        const engine = await cliEngine();
        await docker(engine.handler, ['run', '-d', '--name', 'web', 'busybox', 'cat']);
        await docker(engine.handler, ['run', '-dit', '--name', 'tty', 'busybox', 'cat']);
        await docker(engine.handler, ['create', '-i', '--name', 'old', 'busybox', 'cat']);
        const open = new Set<AbortSignal>();
        const session = new FakeSession({
          args,
          ...(hasTerminal ? { terminal: { rows: 24, columns: 80 } } : {}),
          engine: (request) => {
            open.add(request.signal);
            return engine.handler(request);
          },
        });
        const rawAtItsEnd = session.finished.then(() => session.rawModes.at(-1) ?? false);
        for (const each of actions) await perform(session, each);
        // Whatever it does with signals, this ends it.
        for (let count = 0; count < 4; count++) {
          session.signal(2);
          await turn();
        }
        session.signal(13);
        const { status } = await session.finished;
        expect(Number.isInteger(status) && status >= 0 && status < 256, `status ${status}`).toBe(true);
        expect(await rawAtItsEnd, 'the terminal is raw').toBe(false);
        expect([...open].filter((signal) => !signal.aborted)).toEqual([]);
        expect((await docker(engine.handler, ['ps', '-aq'])).status).toBe(0);
        await docker(engine.handler, ['rm', '-f', 'web', 'tty', 'old']);
      },
    ),
    { numRuns: 200, includeErrorInReport: true },
  );
});
