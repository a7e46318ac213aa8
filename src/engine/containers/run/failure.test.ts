import { describe, expect, it } from 'vitest';
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
