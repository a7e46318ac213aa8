/** What flags of `docker build` change in the guest, as typed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';

describe.skipIf(!agentIsBuilt)('flags of docker build (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
  });
  afterAll(() => playground.dispose());
  const run = runLines(() => playground);

  test('--ulimit and --cgroup-parent reach the steps, and with others it is another step', async () => {
    await run(`mkdir /limits; cd /limits; printf 'FROM busybox\\nRUN ulimit -Sn; ulimit -Hn\\n' >Dockerfile`);
    const build = (flags: string) => run(`cd /limits; docker build --progress plain ${flags} . 2>&1`);
    const said = await build('--ulimit nofile=70:80 --ulimit nofile=77:88 --cgroup-parent ../own/parent');
    expect(said).toMatch(/ 77\n#\d+ [\d.]+ 88\n/);
    expect(await run('ls -d /sys/fs/cgroup/own/parent/buildkit')).toBe('/sys/fs/cgroup/own/parent/buildkit\n');
    expect(await build('--ulimit nofile=77:88 --cgroup-parent ../own/parent')).toContain('CACHED');
    expect(await build('--ulimit nofile=77:88')).toMatch(/ 88\n/);
    expect(await build('--ulimit nofile=77:89')).toMatch(/ 89\n/);
  });

  test('--no-cache-filter does its stages anew, and what stands on them, but not what only reads the same files of them', async () => {
    const dockerfile =
      'FROM busybox AS one\\nRUN touch /1\\nFROM one AS two\\nRUN echo 2\\nFROM busybox AS three\\nCOPY --from=two /1 /\\nRUN echo 3\\n';
    await run(`mkdir /filter; cd /filter; printf '${dockerfile}' >Dockerfile`);
    const done = async (flags: string) => {
      const said = await run(`cd /filter; docker build --progress plain ${flags} . 2>&1`);
      const steps = [...said.matchAll(/^#(\d+) \[\w+ \d\/\d\] (?:RUN|COPY).* (\S+)$/gm)];
      return steps
        .filter(([, number]) => !said.includes(`#${number} CACHED`))
        .map(([, , last]) => last)
        .sort();
    };
    expect(await done('')).toEqual(['/', '/1', '2', '3']);
    expect(await done('')).toEqual([]);
    expect(await done('--no-cache-filter ONE')).toEqual(['/1', '2']);
    expect(await done('--no-cache-filter two,three')).toEqual(['/', '2', '3']);
    expect(await done('--no-cache-filter none --no-cache-filter two')).toEqual(['2']);
    expect(await run('cd /filter; docker build --no-cache --no-cache-filter one . 2>&1; echo $?')).toBe(
      'ERROR: failed to build: --no-cache and --no-cache-filter cannot currently be used together\n1\n',
    );
  });
});
