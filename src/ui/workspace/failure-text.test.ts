import { describe, expect, test } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { describeFailure } from './failure-text.ts';

const url = 'https://example.org/x/guest/state-256-ab.bin';
const failure = (reason: Parameters<typeof describeFailure>[0]['reason'], detail: Record<string, string | number> = {}) =>
  describeFailure({ reason, error: new AppError('unavailable', 'the agent did not say hello', { detail }) });

describe('a failure', () => {
  test.each(['asset_missing', 'asset_damaged', 'no_webassembly', 'no_memory', 'guest', 'worker'] as const)(
    '%s says what happened and what to do',
    (reason) => {
      const text = failure(reason, { url });
      for (const part of [text.title, text.what, text.advice]) {
        expect(part).not.toBe('');
        expect(part).not.toMatch(/[{}]/);
      }
    },
  );

  test('of a lost file names the file and what the server answered', () => {
    expect(failure('asset_missing', { url, status: 404 }).what).toBe(`${url} did not arrive (the server answered 404).`);
    expect(failure('asset_missing', { url, status: 0 }).what).toBe(`${url} did not arrive (no server answered).`);
    expect(failure('asset_missing', { url }).what).toBe(`${url} did not arrive.`);
  });

  test('of the guest gives its own words', () => {
    expect(failure('guest').what).toContain('the agent did not say hello');
  });
});
