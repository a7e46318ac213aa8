import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import { servedEngine } from '../socket.ts';
import { docker } from './docker.ts';
import { lines } from './lines.ts';
import { lines6 } from './lines6.ts';
import { transcript } from './transcript.ts';

describeWith(['docker'], 'published ports, by the real docker client', () => {
  test.each([
    { of: 'IPv4', asked: lines, recorded: 'recorded.txt' },
    { of: 'IPv6', asked: lines6, recorded: 'recorded6.txt' },
  ])('of $of: what is said of them and their rules are those of a real engine without a userland proxy', async ({ asked, recorded }) => {
    const served = await servedEngine();
    try {
      await served.engine.prepare();
      const host = `unix://${served.path}`;
      await docker(host, ['pull', '-q', 'busybox']);
      const ours = await transcript(
        asked,
        (args) => docker(host, args),
        (table, family) => served.runtime.iptables(table, family),
      );
      expect(ours).toBe(readFileSync(join(import.meta.dirname, recorded), 'utf8'));
    } finally {
      await served.listener.close();
    }
  });
});
