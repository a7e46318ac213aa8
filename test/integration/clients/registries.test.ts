import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { startDockerRegistry, type RunningRegistry } from '../../support/docker-registry.ts';
import { describeWith } from '../../support/tools.ts';

/** Docker's own client signs in, pushes and pulls through the engine. */
describeWith(['docker', 'docker-registry'], 'registries by the real client', () => {
  let engine: RunningEngine;
  let registry: RunningRegistry;
  let folder: string;

  const sh = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: folder };
      execFile('sh', ['-c', line], { env, cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-'));
    registry = await startDockerRegistry({ asks: true });
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await sh('docker pull -q busybox');
  });
  afterAll(async () => {
    await engine.stop();
    await registry.stop();
  });

  const theirs = (): string => registry.host;
  test.each([
    ['the private registry of the app', () => 'dockerhub.myprivateregistry.com'],
    ["a registry of this machine's loopback", theirs],
  ])('an image goes to %s and comes back with its digest', async (_title, hostOf) => {
    const host = hostOf();
    const name = `${host}/team/app`;
    await sh(`docker tag busybox ${name}:1`);
    expect(await sh(`docker push -q ${name}:1`)).toContain('no basic auth credentials');
    expect(await sh(`echo secret-12 | docker login -u ann --password-stdin ${host}`)).toContain('Login Succeeded');
    const digest = /1: digest: (\S+) size: \d+/.exec(await sh(`docker push ${name}:1`))?.[1];
    expect(digest).toMatch(/^sha256:/);
    await sh(`docker rmi ${name}:1`);
    expect(await sh(`docker pull ${name}:1`)).toContain(`Digest: ${digest}\n`);
    expect(await sh(`docker run --rm ${name}:1 echo ran`)).toBe('ran\n');
    await sh(`docker rmi ${name}:1; docker logout ${host}`);
    expect(await sh(`docker pull -q ${name}:1`)).toContain('no basic auth credentials');
  });
});
