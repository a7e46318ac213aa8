import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

/** Archives that go out of the engine, through tools that nobody here wrote, and in again. */
describeWith(['docker', 'skopeo', 'tar', 'curl', 'jq'], 'images as archives', () => {
  let engine: RunningEngine;
  let folder: string;

  const sh = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        DOCKER_HOST: engine.address,
        DOCKER_CONFIG: '/nonexistent',
        SOCKET: engine.address.slice('unix://'.length),
      };
      execFile('sh', ['-c', line], { env, cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await sh('docker pull -q busybox; docker run --name wrote busybox sh -c "echo x >/file"; docker commit wrote made:1; docker rm wrote');
  });
  afterAll(() => engine.stop());

  test('skopeo and tar read what is saved, and its parts have the digests they are named by', async () => {
    const id = (await sh('docker image inspect -f "{{.Id}}" made:1')).trim();
    await sh('docker save -o made.tar made:1');
    expect(await sh('skopeo inspect --config docker-archive:made.tar:made:1 --raw | sha256sum | cut -c1-64')).toBe(`${id.slice(7)}\n`);
    const layers = await sh('docker image inspect -f "{{join .RootFS.Layers \\"\\\\n\\"}}" made:1');
    expect(await sh('skopeo inspect --config docker-archive:made.tar:made:1 | jq -r ".rootfs.diff_ids[]"')).toBe(layers);
    await sh('mkdir x && tar xf made.tar -C x');
    expect(await sh('cd x/blobs/sha256 && for each in *; do test "$(sha256sum <$each | cut -c1-64)" = "$each" || echo $each; done')).toBe(
      '',
    );
  });

  test('what skopeo makes of it, as an archive of Docker or of OCI, loads with the digests it had', async () => {
    const before = await sh('docker image inspect -f "{{.Id}} {{.RootFS.Layers}}" made:1');
    await sh('skopeo copy -q docker-archive:made.tar:made:1 docker-archive:again.tar:again:1');
    await sh('skopeo copy -q docker-archive:made.tar:made:1 oci-archive:oci.tar:from-oci:1; docker rmi made:1');
    expect(await sh('docker load -q -i again.tar')).toBe('Loaded image: again:1\n');
    expect(await sh('docker image inspect -f "{{.Id}} {{.RootFS.Layers}}" again:1')).toBe(before);
    const loaded = /Loaded image(?: ID)?: (\S+)/.exec(await sh('docker load -q -i oci.tar'))?.[1] ?? '';
    expect(await sh(`docker image inspect -f "{{.RootFS.Layers}}" ${loaded}`)).toBe(before.slice(before.indexOf(' ') + 1));
    expect(await sh(`docker run --rm ${loaded} cat /file`)).toBe('x\n');
  });

  test('curl gets and puts the archives of a container, and tar reads them', async () => {
    await sh('docker create --name into busybox true; mkdir -p d; echo put >d/f; tar c d >d.tar');
    const url = 'http://docker/v1.50/containers/into/archive';
    const put =
      'curl -s -o /dev/null -w "%{http_code}" --unix-socket $SOCKET -X PUT -H "Content-Type: application/x-tar" --data-binary @d.tar';
    expect(await sh(`${put} '${url}?path=/tmp'`)).toBe('200');
    expect(await sh(`curl -s --unix-socket $SOCKET '${url}?path=/tmp/d' | tar t`)).toBe('d/\nd/f\n');
    expect(
      await sh(
        `curl -s --unix-socket $SOCKET -I '${url}?path=/tmp/d/f' | tr -d '\\r' | sed -n 's/^X-Docker-Container-Path-Stat: //ip' | base64 -d | jq -c '[.name,.size]'`,
      ),
    ).toBe('["f",4]\n');
    expect(await sh(`curl -s --unix-socket $SOCKET '${url}?path=/nonesuch' | jq -r .message`)).toBe(
      'Could not find the file /nonesuch in container into\n',
    );
    expect(await sh('curl -sN --unix-socket $SOCKET http://docker/containers/into/export | tar t | grep ^tmp/d/f')).toBe('tmp/d/f\n');
  });
});
