import { describe, expect, it } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { createdState, transition, type ContainerMove, type ContainerState } from './state.ts';

const id = 'f'.repeat(64);
const at = '2024-05-01T12:00:00Z';
const moves: readonly ContainerMove[] = [
  { move: 'start', pid: 7, at },
  { move: 'fail', exitCode: 127, error: 'why' },
  { move: 'pause' },
  { move: 'unpause' },
  { move: 'oom' },
  { move: 'exit', exitCode: 3, oomKilled: false, at, restart: false },
  { move: 'give-up' },
  { move: 'remove' },
  { move: 'remove-failed', error: 'busy' },
];
const past = { ...createdState, exitCode: 0 };
const states: Readonly<Record<ContainerState['status'], ContainerState>> = {
  created: createdState,
  running: { ...past, status: 'running', pid: 7 },
  paused: { ...past, status: 'paused', pid: 7 },
  restarting: { ...past, status: 'restarting' },
  exited: { ...past, status: 'exited' },
  removing: { ...past, status: 'removing' },
  dead: { ...past, status: 'dead' },
};

function tryMove(state: ContainerState, move: ContainerMove): string {
  try {
    return transition(state, move, id).status;
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'conflict') throw error;
    return 'conflict';
  }
}

describe('the container state machine', () => {
  it('allows exactly these moves', () => {
    const table = Object.entries(states).map(([from, state]) => [
      from,
      moves.map((move) => `${move.move}:${tryMove(state, move)}`).filter((result) => !result.endsWith(':conflict')),
    ]);
    expect(Object.fromEntries(table)).toEqual({
      created: ['start:running', 'fail:created', 'remove:removing'],
      running: ['pause:paused', 'oom:running', 'exit:exited'],
      paused: ['unpause:running', 'oom:paused', 'exit:exited'],
      restarting: ['start:running', 'fail:exited', 'give-up:exited'],
      exited: ['start:running', 'fail:exited', 'remove:removing'],
      removing: ['remove-failed:dead'],
      dead: ['remove:removing'],
    });
  });

  it('says from where and what was tried', () => {
    expect(() => transition(states.exited, { move: 'pause' }, id)).toThrow(
      expect.objectContaining({ kind: 'conflict', message: `container ${id} is not running`, detail: { from: 'exited', move: 'pause' } }),
    );
  });

  it('keeps when the last run started, and forgets its end when the next begins', () => {
    const ended = transition(states.running, { move: 'exit', exitCode: 137, oomKilled: true, at, restart: true }, id);
    expect(ended).toMatchObject({ status: 'restarting', exitCode: 137, oomKilled: true, finishedAt: at });
    expect('pid' in ended).toBe(false);
    expect(transition(ended, { move: 'start', pid: 9, at: 'later' }, id)).toMatchObject({
      status: 'running',
      pid: 9,
      exitCode: 0,
      oomKilled: false,
      startedAt: 'later',
    });
  });
});
