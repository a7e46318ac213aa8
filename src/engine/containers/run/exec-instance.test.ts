import { expect, it } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { createTestEngine } from '../../testing/engine.ts';
import type { LockedContainer } from '../container.ts';
import { startContainer } from '../verbs/start.ts';
import { execTransition, type ExecMove, type ExecState } from './exec-instance.ts';

it('an exec goes only from created over starting to running and exited', async () => {
  const engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] });
  await startContainer(engine.context, id);
  const process = engine.machine.processOf(id);
  const states: readonly ExecState[] = [
    { status: 'created' },
    { status: 'starting' },
    { status: 'running', process },
    { status: 'exited', exitCode: 0, pid: 7 },
  ];
  const moves: readonly ExecMove[] = [{ move: 'start' }, { move: 'run', process }, { move: 'exit', exitCode: 1 }];
  const outcome = (state: ExecState, move: ExecMove): string => {
    try {
      return execTransition(state, move, 'e').status;
    } catch (thrown) {
      return thrown instanceof AppError ? thrown.message : String(thrown);
    }
  };
  expect(states.map((state) => moves.map((move) => outcome(state, move)))).toEqual([
    ['starting', 'exec command e is created', 'exec command e is created'],
    ['exec command e is already running', 'running', 'exited'],
    ['exec command e is already running', 'exec command e is running', 'exited'],
    ['exec command e has already run', 'exec command e is exited', 'exec command e is exited'],
  ]);
});

it('a container changes its state under its lock, and not with what was kept of it', async () => {
  const engine = createTestEngine();
  const container = engine.context.store.find(engine.create({ Cmd: ['sleep'] }));
  const kept: LockedContainer[] = [];
  await container.locked((locked) => void kept.push(locked));
  expect(() => kept[0]?.move({ move: 'remove' })).toThrow('remove without the lock');
  expect(container.state.status).toBe('created');
});
