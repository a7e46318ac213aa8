import { describe, expect, it } from 'vitest';
import { FakeSession } from '../testing/fake-session.ts';
import { answering } from '../testing/recorded-engine.ts';

describe('a command on many containers', () => {
  it('works on all of them at once and says which it is done with while others still take their time', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const session = new FakeSession({
      args: ['pause', 'quick', 'slow'],
      engine: async (request) => {
        if (request.target.includes('/slow/')) await released;
        return request.method === 'POST' ? { status: 204, headers: {}, body: null } : answering({})(request);
      },
    });
    await session.printed('quick\n');
    release();
    expect((await session.finished).stdout).toBe('quick\nslow\n');
  });
});
