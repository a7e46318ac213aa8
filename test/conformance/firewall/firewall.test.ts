import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/tools.ts';
import { servedEngine } from '../socket.ts';
import { docker } from './docker.ts';
import { lines } from './lines.ts';
import { transcript } from './transcript.ts';

describeWith(['docker'], 'published ports, by the real docker client', () => {
  test('what is said of them and the rules that stand for them are those of a real engine without a userland proxy', async () => {
    const served = await servedEngine();
    try {
      await served.engine.prepare();
      const host = `unix://${served.path}`;
      await docker(host, ['pull', '-q', 'busybox']);
      const ours = await transcript(
        lines,
        (args) => docker(host, args),
        (table) => served.runtime.iptables(table),
      );
      expect(ours).toBe(readFileSync(join(import.meta.dirname, 'recorded.txt'), 'utf8'));
    } finally {
      await served.listener.close();
    }
  });
});
