/** What `RUN --mount` shows a step, on the real guest: folders that builds share, secrets, what may be written to and is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';

describe.skipIf(!agentIsBuilt)('RUN --mount (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox; mkdir -p /lab/m');
  });
  afterAll(() => playground.dispose());

  const run = runLines(() => playground);
  const cache = async () => (await playground.host.backend.system.diskUsage()).BuildCache;
  const folders = async (): Promise<string> => run('mkdir -p /var/lib/drydock/buildkit; ls -A /var/lib/drydock/buildkit');
  const overlays = async (): Promise<readonly string[]> => (await run('ls /var/lib/drydock/overlay2')).split('\n').sort();

  async function build(lines: readonly string[], flags = ''): Promise<string> {
    await run(`cat > /lab/m/Dockerfile <<'END'\n${lines.join('\n')}\nEND`);
    return run(`docker build --progress plain ${flags} /lab/m 2>&1 || true`);
  }

  test('a cache mount keeps its files from build to build, is in df and no layer, and goes with prune and its folder', async () => {
    const step = (words: string) => ['FROM busybox', `RUN --mount=type=cache,target=/c,id=pip,mode=0710,uid=7,gid=8 ${words}`];
    expect(await build(step('stat -c "%a %u %g" /c; echo one >> /c/f; cat /c/f'))).toMatch(/ 710 7 8\n[^]* one\n/);
    const second = await build(step('echo two >> /c/f; echo $(cat /c/f)'), '-t with');
    expect(second).toMatch(/ one two\n/);
    expect(await run('docker run --rm with ls -d /c 2>&1 || true')).toContain('No such file or directory');
    expect((await cache()).filter(({ Type }) => Type === 'exec.cachemount')).toMatchObject([
      {
        Description: 'cached mount /c from exec /bin/sh -c stat -c "%a %u %g" /c; echo one >> /c/f; cat /c/f with id "/pip"',
        InUse: false,
        Shared: false,
        Size: 8,
        UsageCount: 2,
      },
    ]);
    const checkpoint = await playground.lifecycle.checkpoint();
    await run('docker builder prune -f --filter type=exec.cachemount');
    expect(await folders()).toBe('');
    await playground.lifecycle.restore(checkpoint);
    checkpoint.dispose();
    expect(await build(step('echo three >> /c/f; echo $(cat /c/f)'))).toMatch(/ one two three\n/);
    await run('docker builder prune -f --filter type=exec.cachemount');
    expect(await build(step('echo four >> /c/f; echo $(cat /c/f)'))).toMatch(/ four\n/);
  });

  test('a cache mount begins with what a stage has, and one that is locked has one step at a time', async () => {
    const seeded = await build([
      'FROM busybox AS base',
      'RUN mkdir /seed && echo hi > /seed/a && chown 5:6 /seed && chmod 0711 /seed',
      'FROM busybox',
      'RUN --mount=type=cache,target=/s,from=base,source=/seed stat -c "%a %u" /s; cat /s/a; echo more > /s/a',
      'RUN --mount=type=cache,target=/s,from=base,source=/seed cat /s/a',
    ]);
    expect(seeded).toMatch(/ 711 5\n[^]* hi\n[^]* more\n/);
    const alone = 'mkdir /l/held && sleep 0.5 && rmdir /l/held';
    const locked = await build([
      ...['one', 'two', 'three'].flatMap((name) => [
        `FROM busybox AS ${name}`,
        `RUN --mount=type=cache,target=/l,sharing=locked ${alone} && echo ${name} > /done`,
      ]),
      'FROM busybox',
      ...['one', 'two', 'three'].map((name) => `COPY --from=${name} /done /${name}`),
    ]);
    expect(locked).not.toContain('ERROR');
  });

  test('what is written to a bind mount with rw is lost, and nothing of the mount is left on the disk', async () => {
    const before = await overlays();
    const said = await build([
      'FROM busybox AS base',
      'RUN mkdir /seed && echo hi > /seed/a',
      'FROM busybox',
      'RUN --mount=type=bind,from=base,source=/seed,target=/b,rw echo changed > /b/a; cat /b/a',
      'RUN --mount=type=bind,from=base,source=/seed,target=/b cat /b/a; echo no > /b/a || echo refused',
    ]);
    expect(said).toMatch(/ changed\n[^]* hi\n[^]* refused\n/);
    await expect.poll(overlays).toEqual(before);
  });

  test('a secret is a file that only its step has, or a variable; it is no part of the image nor of the cache’s key', async () => {
    const lines = [
      'FROM busybox',
      'RUN --mount=type=secret,id=tok --mount=type=secret,id=tok,target=/x/y,mode=0444,uid=5 --mount=type=secret,id=tok,env=TOK stat -c "%n %a %u" /run/secrets/tok /x/y; cat /run/secrets/tok /x/y; echo " [$TOK]"',
      'RUN ls /run/secrets /x 2>&1 | grep -c "No such"',
    ];
    await run('printf sesame > /lab/tok');
    const said = await build(lines, '--secret id=tok,src=/lab/tok -t secretive');
    expect(said).toMatch(/ \/run\/secrets\/tok 400 0\n[^]* \/x\/y 444 5\n[^]* sesamesesame \[sesame\]\n[^]* 2\n/);
    expect(await run('docker history --no-trunc secretive; docker inspect secretive')).not.toContain('sesame');
    expect(await run('docker save secretive | tar xO | grep -c sesame || true')).toBe('0\n');
    expect(await build(lines, '--secret id=tok,src=/etc/hostname')).toMatch(/#\d+ CACHED[^]*#\d+ CACHED/);
  });

  test.each([
    ['id=tok,src=missing', 'ERROR: failed to build: failed to stat missing: stat missing: no such file or directory'],
    ['src=tok', 'ERROR: failed to build: secret missing ID'],
    ['type=x,id=tok', 'ERROR: unsupported secret type "x"'],
    ['id=tok,src=/lab/large', 'ERROR: failed to build: secret tok too big. max size 500KiB'],
    ['id=tok,src=/lab', 'ERROR: failed to build: failed to solve: read /lab: is a directory'],
    ['id=other,src=/etc/hostname', 'failed to solve: secret tok: not found'],
  ])('--secret %s is refused as buildx does', async (flag, words) => {
    await run('head -c 600000 /dev/zero > /lab/large');
    expect(await build(['FROM busybox', 'RUN --mount=type=secret,id=tok,required=true true'], `--secret ${flag}`)).toContain(words);
  });
});
