import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

/** Archives that no tar would write. */
const evil = `
import io, tarfile
def make(name, *entries):
    with tarfile.open(name + '.tar', 'w', format=tarfile.PAX_FORMAT) as archive:
        for path, kind, what in entries:
            entry = tarfile.TarInfo(path)
            entry.mode = 0o755
            entry.type, entry.linkname = kind, '' if kind == tarfile.REGTYPE else what
            entry.size = len(what) if kind == tarfile.REGTYPE else 0
            archive.addfile(entry, io.BytesIO(what.encode()))
file, link, hard, folder = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
make('up', ('../evil', file, 'x'))
make('within-up', ('a/../../evil', file, 'x'))
make('clean', ('a/../ok', file, 'x'))
make('rooted', ('/rooted', file, 'x'))
make('link-up', ('up', link, '../../..'), ('up/x', file, 'x'))
make('link-rooted', ('up', link, '/etc'), ('up/passwd', file, 'x'))
make('hard-up', ('h', hard, '../etc/passwd'))
make('hard-rooted', ('h', hard, '/etc/passwd'))
make('folder-upon-file', ('f', file, 'one'), ('f', file, 'two'), ('f', folder, ''))
make('file-upon-folder', ('f', folder, ''), ('f/g', file, 'x'), ('f', file, 'two'))
make('cut', ('cut', file, 'x' * 5000))
with open('cut.tar', 'r+b') as cut: cut.truncate(2000)
with tarfile.open('latin1.tar', 'w', format=tarfile.GNU_FORMAT, encoding='latin1') as archive:
    archive.addfile(tarfile.TarInfo('b\\xff\\xfe'), io.BytesIO(b''))
`;

describeWith(['docker', 'tar', 'python3'], 'the real docker client copies files', () => {
  let engine: RunningEngine;
  let folder: string;

  const docker = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
      execFile('sh', ['-c', line], { env, cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('docker pull -q busybox; docker run -d --name runs -u 7:8 busybox sleep 100000; docker create --name new busybox true');
    await mkdir(`${folder}/d/s`, { recursive: true });
    await writeFile(`${folder}/d/f`, 'hi\n');
    await symlink('f', `${folder}/d/l`);
  });
  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('into one that runs, is paused, or was never started, and back', async () => {
    expect(await docker('docker cp d runs:/new && docker exec runs cat /new/l')).toContain('hi\n');
    expect(
      await docker('docker pause runs && docker cp -a d/f runs:/tmp/own; docker unpause runs; docker exec runs stat -c %u:%g /tmp/own'),
    ).toContain('7:8\n');
    await docker('docker cp d new:/tmp/ && docker cp new:/tmp/d back');
    expect(await readFile(`${folder}/back/f`, 'utf8')).toBe('hi\n');
    expect(await readlink(`${folder}/back/l`)).toBe('f');
    expect((await stat(`${folder}/back/s`)).isDirectory()).toBe(true);
    expect(await docker('tar c d | docker cp - new:/srv; tar c d | docker cp - new:/tmp; docker cp new:/tmp/d - | tar t')).toContain(
      'd/\nd/f\nd/l\nd/s/\n',
    );
    // It starts afterwards, with what was put there.
    expect(await docker('docker start -a new; docker diff new')).toBe('C /tmp\nA /tmp/d\nA /tmp/d/f\nA /tmp/d/l\nA /tmp/d/s\n');
  });

  test('and nothing is written where it must not be', async () => {
    await docker('docker create --name sealed --read-only busybox true');
    expect(await docker('docker cp d/f sealed:/tmp/')).toContain('container rootfs is marked read-only');
    expect(await docker('docker cp d/f runs:/no/where')).toContain('Could not find the file /no in container runs');
    expect(await docker('docker cp d runs:/etc/passwd')).toContain('cannot copy directory');
    expect(await docker('echo none | docker cp - runs:/tmp')).toMatch(/invalid tar header|unexpected EOF/);
    // A link of the container leads to the same name inside, never to the guest's.
    await docker('docker exec -u 0 runs ln -s /root/.. /tmp/up; docker cp d/f runs:/tmp/up/etc/mine');
    expect(await docker('docker exec runs cat /etc/mine')).toBe('hi\n');
  });

  test('sparse files and every compression that Docker takes, by cp and by import', async () => {
    await docker(
      'truncate -s 3M holes; printf hello | dd of=holes bs=1 seek=1500000 conv=notrunc; printf end | dd of=holes bs=1 seek=2900000 conv=notrunc',
    );
    const sum = await docker('sha256sum <holes');
    for (const [at, version] of ['0.0', '0.1', '1.0'].entries()) {
      const packer = ['bzip2', 'xz', 'zstd'][at] ?? 'cat';
      await docker(
        `tar cS --format=posix --sparse-version=${version} holes d | ${packer} -c >sparse.tar; docker exec runs rm -rf /tmp/holes /tmp/d`,
      );
      expect(await docker('docker cp - runs:/tmp <sparse.tar')).toBe('');
      expect(await docker('docker exec runs sha256sum /tmp/holes; docker exec runs cat /tmp/d/f')).toBe(
        `${sum.replace('-', '/tmp/holes')}hi\n`,
      );
      // Holes are holes: of three megabytes some pages are there.
      expect(Number(await docker('docker exec runs stat -c %b /tmp/holes'))).toBeLessThan(200);
      await docker('docker import sparse.tar sparse:1; docker create --name from sparse:1 x');
      expect(await docker('docker cp from:/holes - | tar xO | sha256sum; docker rm from; docker rmi sparse:1 >/dev/null')).toBe(
        `${sum}from\n`,
      );
    }
    const refused = 'unhandled tar header type 83';
    expect(await docker('tar cS --format=gnu holes | docker cp - runs:/tmp')).toContain(refused);
    expect(await docker('tar cS --format=gnu holes | docker import - sparse:2')).toContain(refused);
  });

  test("nothing of an archive leads out of the folder that it is put into; what is refused is refused in Docker's words", async () => {
    await writeFile(`${folder}/evil.py`, evil);
    expect(await docker('python3 evil.py')).toBe('');
    const put = async (name: string): Promise<string> => {
      await docker('docker exec -u 0 runs sh -c "rm -rf /evil; mkdir /evil"');
      return (await docker(`docker cp - runs:/evil <${name}.tar`)).trim().replace('Error response from daemon: ', '');
    };
    const found = (): Promise<string> => docker('docker exec runs find /evil -mindepth 1 | sort | xargs');
    const before = await docker('docker exec runs md5sum /etc/passwd');
    for (const [name, words, left] of [
      ['up', 'invalid entry name "../evil"', ''],
      ['within-up', 'invalid entry name "a/../../evil"', ''],
      ['clean', '', '/evil/ok'],
      ['rooted', '', '/evil/rooted'],
      ['link-up', '', '/evil/up /evil/x'],
      ['link-rooted', '', '/evil/etc /evil/etc/passwd /evil/up'],
      ['hard-up', 'invalid hardlink target "../etc/passwd"', ''],
      ['folder-upon-file', 'cannot overwrite non-directory "f" with directory "/evil"', '/evil/f'],
      ['file-upon-folder', 'cannot overwrite directory "f" with non-directory "/evil"', '/evil/f /evil/f/g'],
    ] as const) {
      expect([name, await put(name)]).toEqual([name, words]);
      expect([name, (await found()).trim()]).toEqual([name, left]);
    }
    expect(await put('hard-rooted')).toContain('no such file or directory');
    expect(await put('cut')).toContain('unexpected EOF');
    expect(await put('latin1')).toBe('');
    expect(await docker("docker exec runs sh -c 'echo /evil/*' | od -An -tx1")).toContain('62 ff fe');
    expect(await docker('docker exec runs md5sum /etc/passwd; docker exec runs ls / | grep -c ok')).toBe(`${before}0\n`);
  });

  test('diff tells what was added, changed and deleted, export gives the root file system', async () => {
    await docker('docker run --name wrote busybox sh -c "rm /etc/group; echo x >>/etc/passwd; rm -r /root; mkdir -p /root/a"');
    expect(await docker('docker diff wrote')).toBe('C /etc\nD /etc/group\nC /etc/passwd\nC /root\nA /root/a\n');
    const names = (await docker('docker export wrote | tar t')).split('\n');
    expect(names).toEqual(expect.arrayContaining(['bin/sh', 'etc/passwd', 'root/a/']));
    expect(names).not.toContain('etc/group');
    expect(await docker('docker export nope')).toContain('No such container: nope');
  });

  test('commit makes an image of what a container wrote, and leaves the container as it was', async () => {
    await docker('docker run -d --name busy -e A=1 busybox sh -c "rm /etc/group; mkdir /d; echo x >/d/f; ln /d/f /d/g; sleep 100000"');
    await docker('until docker exec busy test -e /d/g; do :; done; docker commit -m said -a me -c "CMD cat /d/g" -c "ENV B=2" busy made:1');
    expect(
      await docker('docker run --rm made:1; docker run --rm made:1 sh -c "ls /etc/group 2>&1; echo $A $B"'.replaceAll('$', '\\$')),
    ).toBe('x\nls: /etc/group: No such file or directory\n1 2\n');
    expect(await docker('docker diff busy')).toBe(
      'C /etc\nD /etc/group\nA /d\nA /d/f\nA /d/g\n'.split('\n').sort().join('\n').slice(1) + '\n',
    );
    expect(
      await docker("docker inspect -f '{{.State.Status}}' busy; docker history --format '{{.Comment}} {{.Size}}' made:1 | head -1"),
    ).toBe('running\nsaid 2B\n');
    // The client sends whole seconds: what happened in this one comes when it is over.
    const told = () => docker("docker events --since 1m --until 0s -f container=busy --format '{{.Action}}' | tail -3");
    await expect.poll(told).toBe('pause\ncommit\nunpause\n');
  });

  test('save and load give images back with their digests, and what runs from them', async () => {
    const before = await docker('docker images --no-trunc -q made:1; docker images --no-trunc -q busybox');
    await docker('docker save -o both.tar made:1 busybox; docker rm -f $(docker ps -aq); docker rmi made:1 busybox');
    expect(await docker('docker images -q')).toBe('');
    expect(await docker('docker load -i both.tar; docker load -q <both.tar')).toBe(
      'Loaded image: made:1\nLoaded image: busybox:latest\n'.repeat(2),
    );
    expect(await docker('docker images --no-trunc -q made:1; docker images --no-trunc -q busybox')).toBe(before);
    expect(await docker('docker run --rm made:1')).toBe('x\n');
    await docker('docker save made:1 busybox >again.tar');
    expect(await readFile(`${folder}/again.tar`)).toEqual(await readFile(`${folder}/both.tar`));
  });

  test('import makes an image of an archive of files', async () => {
    await docker('docker create --name root busybox; docker export root >root.tar; gzip -k root.tar');
    expect(await docker('docker import -c "CMD echo in" -m said root.tar in:1')).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(await docker('docker run --rm in:1; docker import - in:2 <root.tar.gz >/dev/null; docker run --rm in:2 sh -c "echo two"')).toBe(
      'in\ntwo\n',
    );
    expect(await docker('docker import http://127.0.0.1:1/x')).toContain('no network of its own');
  });
});
