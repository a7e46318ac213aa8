/** `docker build` as it is typed in the guest. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';

describe.skipIf(!agentIsBuilt)('docker build as it is typed (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
  });
  afterAll(() => playground.dispose());
  const run = runLines(() => playground);

  test('what .dockerignore leaves out is not sent, nor the Dockerfile where it does; NAME.dockerignore stands before it', async () => {
    await run('mkdir -p /a/sub/deep; cd /a; echo 1 >one; echo 2 >sub/two; echo 3 >sub/deep/three; ln -s one link');
    await run('cd /a; printf "FROM busybox\\nCOPY . /ctx\\n" >Dockerfile; printf "sub\\n!sub/deep/three\\nDockerfile\\n" >.dockerignore');
    const list = 'docker run --rm a sh -c "cd /ctx; find . | sort; readlink link"';
    await run('cd /a; docker build -q -t a .');
    expect(await run(list)).toBe('.\n./.dockerignore\n./link\n./one\n./sub\n./sub/deep\n./sub/deep/three\none\n');
    await run('cd /a; cp Dockerfile Other; echo one >Other.dockerignore; docker build -q -t a -f Other .');
    expect(await run(`${list} | grep -c -e /one -e /two`)).toBe('1\n');
  });

  test('a Dockerfile from elsewhere or from standard input is copied nowhere; an archive on standard input is the context', async () => {
    await run('mkdir -p /b /elsewhere; echo x >/b/x; printf "FROM busybox\\nCOPY . /ctx\\nCMD ls -A /ctx\\n" >/elsewhere/My.file');
    await run('docker build -q -t b -f /elsewhere/My.file /b');
    expect(await run('docker run --rm b')).toBe('x\n');
    await run('cd /b; docker build -q -t b -f - . </elsewhere/My.file');
    expect(await run('docker run --rm b')).toBe('x\n');
    await run('mkdir /c; cp /elsewhere/My.file /c/Dockerfile; echo y >/c/y; tar -C /c -c . | docker build -q -t c -');
    expect(await run('docker run --rm c')).toBe('Dockerfile\ny\n');
    expect(await run('printf "FROM busybox\\nRUN echo z >/z\\nCMD cat /z\\n" | docker build -q -t z - >/dev/null; docker run --rm z')).toBe(
      'z\n',
    );
  });

  test('options reach the steps and the image', async () => {
    const dockerfile = [
      'FROM busybox AS first',
      'ARG WORD GIVEN=default',
      'RUN echo $WORD $GIVEN; grep -w made.up /etc/hosts; df -k /dev/shm | tail -1; ls /sys/class/net',
      'LABEL own=1',
      'FROM first',
      'RUN exit 9',
    ].join('\\n');
    const options =
      '--build-arg WORD --build-arg GIVEN=given --add-host made.up:10.1.2.3 --shm-size 8m --network none --label more=2 --target first';
    const said = await run(
      `mkdir /d; cd /d; printf '${dockerfile}\\n' >Dockerfile; WORD=word docker build --progress plain --pull ${options} -t one:1 -t two --iidfile id --metadata-file meta . 2>&1`,
    );
    expect(said).toMatch(/ word given\n/);
    expect(said).toMatch(/ 10\.1\.2\.3\s+made\.up\n/);
    expect(said).toMatch(/ shm +8192 /);
    expect(said).toMatch(/ lo\n#/);
    expect(said).not.toContain('eth0');
    expect(await run("docker image inspect -f '{{.Config.Labels.own}} {{.Config.Labels.more}}' one:1")).toBe('1 2\n');
    const [id] = (await run('docker images -q --no-trunc two')).split('\n');
    expect(await run('cat /d/id; echo; grep -c image.name.*one:1,docker.io/library/two:latest /d/meta')).toBe(`${id}\n1\n`);
    expect(await run(`cd /d; WORD=word docker build --progress plain ${options} . 2>&1 | grep -c CACHED`)).toBe('1\n');
    // With another network it is another step.
    expect(
      await run('cd /d; WORD=word docker build --progress plain --build-arg WORD --target first . 2>&1 | grep -c CACHED || true'),
    ).toBe('0\n');
    expect(await run(`cd /d; WORD=word docker build --no-cache --progress plain ${options} . 2>&1 | grep -c CACHED || true`)).toBe('0\n');
  });

  test('a build that fails shows where, ends with 1 and leaves no image', async () => {
    const before = await run('docker images -aq');
    const said = await run(
      'mkdir /e; cd /e; printf "FROM busybox\\nRUN echo why; exit 3\\n" >Dockerfile; docker build --progress plain . 2>&1; echo ended with $?',
    );
    expect(said).toContain(' > [2/2] RUN echo why; exit 3:\n');
    expect(said).toContain('   2 | >>> RUN echo why; exit 3\n');
    expect(said).toMatch(
      /ERROR: failed to build: failed to solve: process .* did not complete successfully: exit code: 3\nended with 1\n$/,
    );
    expect(await run('docker images -aq')).toBe(before);
  });

  test('a base image of a private registry is pulled in the name of who is signed in, and of nobody else', async () => {
    const host = 'dockerhub.myprivateregistry.com';
    await run(`echo sesame12345 | docker login -u ann --password-stdin ${host} 2>/dev/null`);
    await run(`docker tag busybox ${host}/base:1; docker push -q ${host}/base:1; docker rmi ${host}/base:1`);
    await run(`docker logout ${host}`);
    const build = `printf 'FROM ${host}/base:1\\nRUN echo from > /from\\n' | docker build --progress plain -t derived - 2>&1`;
    expect(await run(`${build} || true`)).toMatch(/failed to resolve source metadata for .*: no basic auth credentials/);
    await run(`echo sesame12345 | docker login -u ann --password-stdin ${host} 2>/dev/null`);
    await run(build);
    expect(await run('docker run --rm derived cat /from')).toBe('from\n');
  });

  test('--push sends all names of the image to their registries, layer by layer, and says why where one does not take it', async () => {
    const host = 'dockerhub.myprivateregistry.com';
    const build = (flags: string) =>
      run(`printf 'FROM busybox\\nRUN echo p > /p\\n' | docker build --progress plain ${flags} - 2>&1 || true`);
    expect(await build('--push')).toBe('ERROR: failed to build: tag is needed when pushing to registry\n');
    const said = await build(`--push -t ${host}/p:1 -t ${host}/q`);
    expect(said).toMatch(new RegExp(`#\\d+ pushing ${host}/p:1 with docker\\n(#\\d+ pushing layer [0-9a-f]{12} .*\\n)+#\\d+ DONE`));
    expect(said).toMatch(new RegExp(`#\\d+ pushing ${host}/q with docker\\n`));
    await run(`docker rmi ${host}/p:1 ${host}/q`);
    expect(await run(`docker run --rm ${host}/q cat /p 2>/dev/null`)).toBe('p\n');
    expect(await build('-o type=registry -t nobody/p')).toMatch(
      /------\n > pushing nobody\/p with docker:\n------\nERROR: failed to build: denied: requested access to the resource is denied\n$/,
    );
  });
});
