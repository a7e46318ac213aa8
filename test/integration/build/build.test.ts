/** Builds by the whole engine over the real guest: what they make, what they take from the cache, what they leave when they fail. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import type { BuildFailure, BuildMessage, BuildResult } from '../../../src/protocol/build-progress.ts';
import type { BuildOptions } from '../../../src/api/backend.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { changes, kernelState, steadyKernelState, type KernelState } from '../../support/kernel-state.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';
import { archiveOf, type Part } from './builds.ts';

const options: BuildOptions = {
  names: [],
  dockerfile: 'Dockerfile',
  buildArgs: new Map(),
  labels: new Map(),
  target: '',
  uncached: [],
  pulls: false,
  platform: '',
  network: '',
  host: {},
  auths: new Map(),
  secrets: new Map(),
  call: 'build',
  outputs: ['image'],
  isSerial: false,
  signal: new AbortController().signal,
};

type Files = Readonly<Record<string, string | Part>>;

describe.skipIf(!agentIsBuilt)('docker build (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
    // What there is of all builds once, such as their parent of cgroups, is there from now on.
    await built('FROM busybox\nRUN echo first > /of-all\n');
  });
  afterAll(() => playground.dispose());

  const run = runLines(() => playground);
  const backend = () => playground.host.backend;
  const layers = async (): Promise<readonly string[]> =>
    (await run('mkdir -p /var/lib/drydock/layers; ls -A /var/lib/drydock/layers')).split('\n').filter(Boolean).sort();
  const cache = async () => (await backend().system.diskUsage()).BuildCache;

  function begin(dockerfile: string, files: Files = {}, more: Partial<BuildOptions> = {}) {
    const all: Files = { Dockerfile: dockerfile, ...files };
    const parts = Object.entries(all).map(([path, file]): Part =>
      typeof file === 'string' ? { path, data: utf8(file) } : { ...file, path },
    );
    return backend().builds.build({ ...options, ...more }, archiveOf(parts));
  }

  async function build(...given: Parameters<typeof begin>) {
    const messages: BuildMessage[] = [];
    const source = begin(...given);
    for (let message = await source.read(); message !== null; message = await source.read()) messages.push(message);
    const image = messages.find((each): each is BuildResult => each.kind === 'image');
    const failure = messages.find((each): each is BuildFailure => each.kind === 'failure');
    const ended = messages.flatMap((each) => (each.kind === 'vertex' && each.completed !== null ? [each] : []));
    const steps = ended.filter(({ name }) => /^\[(?!internal).* (RUN|COPY|ADD|WORKDIR) /.test(name));
    return {
      id: image?.id ?? '',
      failure: failure ?? null,
      steps,
      cached: steps.filter((each) => each.cached).map(({ name }) => name),
      done: steps.filter((each) => !each.cached && each.error === '').map(({ name }) => name),
      said: messages.map((each) => (each.kind === 'log' ? fromUtf8(each.data) : '')).join(''),
    };
  }

  /** That of a build that has to come out. */
  async function built(...given: Parameters<typeof begin>) {
    const outcome = await build(...given);
    expect(outcome.failure).toBeNull();
    return outcome;
  }

  test('each instruction does what it says, and the image runs so', async () => {
    const dockerfile = `FROM busybox AS tools
RUN mkdir /out && echo compiled > /out/tool && echo ann:x:1234:1234::/:/bin/sh >> /etc/passwd
FROM busybox
COPY --from=tools /etc/passwd /etc/passwd
COPY --from=tools --chown=1234 /out /opt
ENV GREETING=hello
WORKDIR /srv/app
COPY a.txt b/ ./
COPY <<EOF /srv/here
line of $GREETING
EOF
RUN <<EOF
echo one > one
echo two > two
EOF
RUN --mount=type=bind,source=b,target=/given --mount=type=bind,from=tools,source=/out,target=/tools cat /given/deep /tools/tool > seen
RUN --mount=type=tmpfs,target=/scratch grep -c " /scratch tmpfs" /proc/mounts > tmpfs; touch /scratch/gone
USER ann
RUN id -un > /tmp/who
CMD ["sh", "-c", "echo $GREETING; pwd; id -u"]
`;
    const { id } = await built(dockerfile, { 'a.txt': 'a', b: { path: 'b', type: 'directory' }, 'b/deep': 'deep\n' }, { names: ['whole'] });
    expect(await run('docker run --rm whole')).toBe('hello\n/srv/app\n1234\n');
    expect(await run('docker run --rm whole cat /srv/here one two seen tmpfs /tmp/who /opt/tool')).toBe(
      'line of hello\none\ntwo\ndeep\ncompiled\n1\nann\ncompiled\n',
    );
    expect(await run('docker run --rm whole sh -c "ls; stat -c %u /opt/tool one /tmp/who"')).toBe(
      'a.txt\ndeep\none\nseen\ntmpfs\ntwo\n1234\n0\n1234\n',
    );
    // Places that were made to mount something are in no layer.
    expect(await run('docker run --rm whole sh -c "ls -d /scratch /given /tools 2>&1 | grep -c No.such"')).toBe('3\n');
    expect((await run('docker images -q --no-trunc whole')).trim()).toBe(id);
  });

  const three = 'FROM busybox\nRUN echo first > /first\nCOPY a /a\nRUN cat /a > /second\n';

  test('a second time all is cached and the image is the same; touched files change nothing', async () => {
    const first = await built(three, { a: 'x' });
    expect([first.cached, first.done.length]).toEqual([[], 3]);
    const count = (await layers()).length;
    const second = await built(three, { a: 'x' });
    expect([second.id, second.done, second.cached.length]).toEqual([first.id, [], 3]);
    const touched = await built(three, { a: { path: 'a', data: utf8('x'), mtime: 1_300_000_000 } });
    expect([touched.id, touched.done]).toEqual([first.id, []]);
    expect(await layers()).toHaveLength(count);
  });

  test('a file that changed is copied anew with all after it, what was before it is cached; without the cache all is done', async () => {
    const before = await built(three, { a: 'x' });
    const changed = await built(three, { a: 'y' }, { names: ['changed'] });
    expect(changed.cached).toEqual(['[2/4] RUN echo first > /first']);
    expect(changed.done).toEqual(['[3/4] COPY a /a', '[4/4] RUN cat /a > /second']);
    expect(changed.id).not.toBe(before.id);
    expect(await run('docker run --rm changed cat /second')).toBe('y');
    expect((await built(three, { a: 'x' }, { uncached: 'all' })).cached).toEqual([]);
  });

  test('two stages run side by side', async () => {
    const stage = (name: string): string => `FROM busybox AS ${name}\nRUN sleep 3; echo ${name} > /${name}\n`;
    const { steps } = await built(`${stage('left')}${stage('right')}FROM scratch\nCOPY --from=left /left /\nCOPY --from=right /right /\n`);
    const times = (name: string) => steps.find((step) => step.name.startsWith(`[${name} `)) ?? { started: null, completed: null };
    const [left, right] = [times('left'), times('right')];
    expect(Number(left.started)).toBeLessThan(Number(right.completed));
    expect(Number(right.started)).toBeLessThan(Number(left.completed));
  });

  async function nothingIsLeft(before: KernelState, layersBefore: readonly string[]): Promise<void> {
    // The agent may have an overlay ready for the container to come.
    const found = async () => changes(before, await kernelState(playground)).filter((line) => !line.includes('/overlay2/.ready '));
    await expect.poll(found).toEqual([]);
    await expect.poll(layers).toEqual(layersBefore);
  }

  test('a RUN that fails tells its exit and its line, and leaves nothing in the guest', async () => {
    await built('FROM busybox\nRUN echo good > /good\n');
    const [before, layersBefore, records] = [await steadyKernelState(playground), await layers(), (await cache()).length];
    const { failure, said } = await build('FROM busybox\nRUN echo good > /good\nRUN echo bad > /bad; echo told; exit 3\n');
    expect(said).toBe('told\n');
    expect(failure).toMatchObject({
      exit: { code: 3, command: '/bin/sh -c echo bad > /bad; echo told; exit 3' },
      source: { filename: 'Dockerfile', lines: { start: 3, end: 3 } },
    });
    await nothingIsLeft(before, layersBefore);
    expect(await cache()).toHaveLength(records);
  });

  test('of a build whose client goes away nothing goes on', async () => {
    const [before, layersBefore] = [await steadyKernelState(playground), await layers()];
    const source = begin('FROM busybox\nRUN echo began; sleep 1234\n');
    for (let message = await source.read(); message?.kind !== 'log'; message = await source.read()) expect(message).not.toBeNull();
    expect(await run('pgrep -f "^sleep 1234"')).not.toBe('');
    source.cancel();
    await nothingIsLeft(before, layersBefore);
  });

  test('a checkpoint in the middle of a build has nothing of it once it is restored, and the cache of before', async () => {
    const kept = await built('FROM busybox\nRUN echo kept > /kept\n');
    const [before, layersBefore, records] = [await steadyKernelState(playground), await layers(), await cache()];
    const source = begin('FROM busybox\nRUN echo began; sleep 1234\n');
    for (let message = await source.read(); message?.kind !== 'log'; message = await source.read()) expect(message).not.toBeNull();
    const checkpoint = await playground.lifecycle.checkpoint();
    await playground.lifecycle.restore(checkpoint);
    let last: BuildMessage | null = null;
    for (let message = await source.read(); message !== null; message = await source.read()) last = message;
    expect(last).toMatchObject({ kind: 'failure' });
    await nothingIsLeft(before, layersBefore);
    expect((await cache()).map(({ ID }) => ID)).toEqual(records.map(({ ID }) => ID));
    const again = await built('FROM busybox\nRUN echo kept > /kept\n');
    expect([again.id, again.done]).toEqual([kept.id, []]);
    checkpoint.dispose();
  });

  test('without its image the cache still has the steps; pruned, it has nothing and the layers are gone', async () => {
    await backend().builds.prune({ all: true, keeps: 0, filters: {} });
    await run('docker image prune -af');
    await expect.poll(layers).toEqual([]);
    await run('docker pull -q busybox');
    const layersBefore = await layers();
    const dockerfile = 'FROM busybox\nRUN echo large > /large\n';
    const first = await built(dockerfile, {}, { names: ['mine'] });
    expect(await cache()).toMatchObject([{ Type: 'regular', InUse: false, Shared: true, Size: 6, UsageCount: 1 }]);
    await run('docker rmi mine');
    expect(await layers()).toHaveLength(layersBefore.length + 1);
    expect(await cache()).toMatchObject([{ Shared: false }]);
    const second = await built(dockerfile, {}, { names: ['mine'] });
    expect([second.id, second.done]).toEqual([first.id, []]);
    expect(await run('docker run --rm mine cat /large')).toBe('large\n');
    expect(await run('docker system df --format "{{.Type}} {{.TotalCount}} {{.Size}}" | grep Cache')).toBe('Build Cache 1 0B\n');
    // The image has it: it is not counted twice, nor pruned.
    expect((await backend().builds.prune({ all: false, keeps: 0, filters: {} })).CachesDeleted).toBeNull();
    await run('docker rmi mine');
    expect(await run('docker builder prune -f')).toContain('Total reclaimed space: 6B');
    await expect.poll(layers).toEqual(layersBefore);
    expect(await cache()).toEqual([]);
  });
});
