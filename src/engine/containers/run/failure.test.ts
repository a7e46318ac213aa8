import { describe, expect, it, test } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { execFailure, startFailure } from './failure.ts';

const folder = new AppError('internal', 'exec: "/etc": is a directory', { detail: { errno: 21, stage: 'lookup' } });

describe('a folder as the program', () => {
  it.each([
    ['a container', startFailure],
    ['an exec', execFailure],
  ])('of %s is no permission: 400 and 126', (_name, translate) => {
    const { error, exitCode } = translate(folder);
    expect(error.kind).toBe('invalid');
    expect(error.message).toContain('exec: "/etc": is a directory: permission denied');
    expect(exitCode).toBe(126);
  });
});

test('a full disk is told by the daemon, not by runc: 500 and 128', () => {
  const full = new AppError('exhausted', 'mkdir /x/w: no space left on device', { detail: { errno: 28, stage: 'storage' } });
  expect(startFailure(full)).toEqual({ error: full, exitCode: 128 });
});
