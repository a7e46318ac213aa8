import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

/** docker_py.txt is what docker_py.py printed over a real Docker engine (28.5). */
describeWith(['python3', 'docker-py'], 'docker-py', () => {
  let engine: RunningEngine;

  beforeAll(async () => {
    engine = await startEngine({ host: `unix://${mkdtempSync(join(tmpdir(), 'drydock-'))}/engine.sock` });
  });
  afterAll(() => engine.stop());

  test('runs, looks into, fills, commits, connects and removes as it does over a real engine', async () => {
    const script = join(import.meta.dirname, 'docker_py.py');
    const said = await new Promise<string>((resolve) => {
      const env = { ...process.env, DOCKER_HOST: engine.address };
      execFile('python3', ['-u', script], { env, timeout: 120_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(said).toBe(readFileSync(join(import.meta.dirname, 'docker_py.txt'), 'utf8'));
  });
});
