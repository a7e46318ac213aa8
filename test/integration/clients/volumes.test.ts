/** Volumes as the real client asks for them and as the guest's kernel has them. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['docker'], 'volumes of the real client', () => {
  let engine: RunningEngine;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('pull', '-q', 'busybox');
  });
  afterAll(() => engine.stop());

  /** Both outputs, one after the other. */
  function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return new Promise((resolve) => execFile('docker', args, { env }, (_, stdout, stderr) => resolve(stdout + stderr)));
  }
  const shell = (options: readonly string[], script: string): Promise<string> =>
    docker('run', '--rm', ...options, 'busybox', 'sh', '-c', script);
  const inGuest = async (command: string): Promise<string> => (await engine.playground.lines.run(command, { id: command })).stdout;

  test('what is written there is there for the next container and in the guest, until the volume is removed', async () => {
    expect(await shell(['-v', 'data:/d'], 'echo kept >/d/file; stat -c %i /d/file >/d/number')).toBe('');
    const folder = (await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', 'data')).trim();
    expect(folder).toBe('/var/lib/docker/volumes/data/_data');
    const number = await inGuest(`cat ${folder}/number`);
    expect(await inGuest('stat -L -c %a /var/lib/docker/volumes')).toBe('701\n');
    expect(await inGuest(`stat -c %i ${folder}/file`)).toBe(number);
    expect(await shell(['--mount', 'src=data,dst=/e,readonly'], 'cat /e/file; stat -c %i /e/file; echo x >/e/file')).toBe(
      `kept\n${number}sh: can't create /e/file: Read-only file system\n`,
    );
    expect(await docker('system', 'df', '-v', '--format', '{{range .Volumes}}{{.Name}} {{.Links}} {{.Size}}{{end}}')).toMatch(
      /^data 0 \d+B/,
    );
    expect(await docker('volume', 'rm', 'data')).toBe('data\n');
    expect(await inGuest('ls /var/lib/docker/volumes')).toBe('');
  });

  test('an empty one gets what the image has there, with owner, mode, links and time; nocopy and a full one do not', async () => {
    expect(await shell(['-v', '/tmp', '-v', 'etc:/etc'], 'stat -c "%a %u:%g" /tmp; cat /etc/passwd | head -1')).toMatch(/^1777 0:0\nroot:/);
    const look = 'cd /x; find . -not -name hosts -not -name hostname -not -name resolv.conf | sort | xargs stat -c "%n %F %a %u %g %Y %N"';
    const own = (await docker('run', '--rm', 'busybox', 'sh', '-c', look.replace('/x', '/bin'))).split('\n');
    expect(own.length).toBeGreaterThan(10);
    await docker('create', '--name', 'copier', '-v', 'bin:/bin', 'busybox');
    const copied = (await shell(['-v', 'bin:/x'], look)).split('\n');
    expect(copied).toEqual(own);
    expect(await shell(['-v', 'bare:/etc:nocopy'], 'ls /etc | grep -c passwd')).toBe('0\n');
    await shell(['-v', 'full:/d'], 'echo mine >/d/mine');
    expect(await shell(['-v', 'full:/etc'], 'ls /etc | grep -v -e host -e resolv')).toBe('mine\n');
    await docker('rm', 'copier');
  });

  test('--rm and rm -v take those without a name along, volumes-from shares, and prune leaves what is used', async () => {
    const count = async (): Promise<number> => (await docker('volume', 'ls', '-q')).split('\n').filter((name) => name.length === 64).length;
    expect(await count()).toBe(0);
    await docker('run', '-d', '--name', 'donor', '-v', '/anon', 'busybox', 'sleep', '1000');
    await docker('exec', 'donor', 'sh', '-c', 'echo shared >/anon/f');
    expect(await shell(['--volumes-from', 'donor:ro'], 'cat /anon/f; touch /anon/g')).toContain(
      'shared\ntouch: /anon/g: Read-only file system',
    );
    expect(await count()).toBe(1);
    expect(await docker('volume', 'prune', '-f')).toBe('Total reclaimed space: 0B\n');
    await docker('rm', '-fv', 'donor');
    expect(await count()).toBe(0);
  });

  test('options of the local driver are mounts of the guest, from the first container to the last', async () => {
    await docker('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m,uid=1000', 'ram');
    await docker('run', '-d', '--name', 'first', '-v', 'ram:/r', 'busybox', 'sleep', '1000');
    expect(await shell(['-v', 'ram:/r'], 'grep " /r " /proc/self/mountinfo')).toMatch(/ - tmpfs tmpfs .*size=1024k.*uid=1000/);
    expect(await inGuest('grep -c volumes/ram /proc/mounts')).toBe('1\n');
    await docker('rm', '-f', 'first');
    expect(await inGuest('grep -c volumes/ram /proc/mounts')).toBe('0\n');
    await inGuest('mkdir -p /srv/given; echo given >/srv/given/f');
    await docker('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/srv/given', 'given');
    expect(await shell(['-v', 'given:/g'], 'cat /g/f')).toBe('given\n');
    await docker('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/srv/nope', 'nope');
    expect(await shell(['-v', 'nope:/g'], 'true')).toContain(
      "error while mounting volume '/var/lib/docker/volumes/nope/_data': failed to mount local volume: mount /srv/nope:/var/lib/docker/volumes/nope/_data",
    );
  });

  const mounted = '/proc/self/mountinfo';
  const optional = (line: string): string =>
    `${/ (r[wo]),/.exec(line)?.[1] ?? ''} ${/(?:shared|master):/.exec(line)?.[0].replace(':', ':N') ?? ''}`.trim();
  const fields = async (options: readonly string[]): Promise<string[]> =>
    (await shell(options, `grep " /x" ${mounted}`)).trim().split('\n').map(optional);

  test('propagation and read-only go for the mounts below as the kernel has them', async () => {
    await inGuest(
      'mkdir -p /peers && mount -t tmpfs peers /peers && mount --make-shared /peers && mkdir /peers/sub && mount -t tmpfs sub /peers/sub',
    );
    try {
      expect(await fields(['-v', '/peers:/x'])).toEqual(['rw', 'rw']);
      expect(await fields(['-v', '/peers:/x:rshared'])).toEqual(['rw shared:N', 'rw shared:N']);
      expect(await fields(['-v', '/peers:/x:rslave'])).toEqual(['rw master:N', 'rw master:N']);
      expect(await fields(['-v', '/peers:/x:private'])).toEqual(['rw', 'rw master:N']);
      expect(await fields(['-v', '/peers:/x:ro'])).toEqual(['ro', 'ro']);
      const mount = 'type=bind,src=/peers,dst=/x,ro';
      expect(await fields(['--mount', `${mount},bind-recursive=writable`])).toEqual(['ro', 'rw']);
      expect(await fields(['--mount', `${mount},bind-recursive=disabled`])).toEqual(['ro']);
      expect(await fields(['--mount', `${mount},bind-propagation=rprivate,bind-recursive=readonly`])).toEqual(['ro', 'ro']);
      // What a container mounts below a shared one is there in the guest, and the other way round.
      await shell(['--privileged', '-v', '/peers:/x:rshared'], 'mkdir /x/made && mount -t tmpfs made /x/made');
      expect(await inGuest(`grep -c " /peers/made " ${mounted}`)).toBe('1\n');
      await docker('run', '-d', '--name', 'follows', '-v', '/peers:/x:rslave', '-v', '/peers:/p', 'busybox', 'sleep', '1000');
      await inGuest('umount /peers/made');
      expect(await docker('exec', 'follows', 'grep', '-c', 'made', mounted)).toBe('1\n');
      expect(await docker('exec', 'follows', 'grep', '-c', ' /p/made ', mounted)).toBe('1\n');
    } finally {
      await docker('rm', '-f', 'follows');
      await inGuest('umount -l /peers/sub /peers');
    }
    const refused = (words: string): string => `path /peers is mounted on / but it is not a ${words} mount`;
    expect(await shell(['-v', '/peers:/x:rshared'], 'true')).toContain(refused('shared'));
    expect(await shell(['--mount', 'type=bind,src=/peers,dst=/x,bind-propagation=slave'], 'true')).toContain(refused('shared or slave'));
  });

  test('a part of a volume and an image are what the kernel shows of them, and are gone from the guest with the container', async () => {
    await shell(['-v', 'parts:/v'], 'mkdir -p /v/a/b; echo deep >/v/a/b/f; ln -s /etc /v/out; ln -s ../../../../../../etc /v/up');
    const part = (subpath: string): string[] => ['--mount', `type=volume,src=parts,dst=/x,volume-subpath=${subpath}`];
    expect(await shell(part('a/b'), `cut -d" " -f4,5 ${mounted} | grep /x`)).toMatch(/\/volumes\/parts\/_data\/a\/b \/x\n$/);
    for (const link of ['out', 'up', 'out/passwd'])
      expect(await shell(part(link), 'true')).toContain(
        `path concatenation escapes the base directory, base: /var/lib/docker/volumes/parts/_data, subpath: ${link}`,
      );
    // Nor is a link followed where nothing runs.
    await docker('create', '--name', 'still', ...part('out'), 'busybox', 'true');
    expect(await docker('cp', 'still:/x/passwd', '-')).toContain('Could not find the file');
    expect(await docker('cp', 'still:/x/shadow', '-')).toContain('Could not find the file');
    await docker('rm', 'still');
    // Whoever swaps it meanwhile gets the folder or a refusal.
    await docker(
      'run',
      '-d',
      '--name',
      'swaps',
      '-v',
      'parts:/v',
      'busybox',
      'sh',
      '-c',
      'cd /v; mkdir s; while :; do mv s t; ln -s /etc s; rm s; mv t s; done',
    );
    for (let i = 0; i < 8; i++) expect(await shell(part('s'), 'ls /x')).not.toContain('passwd');
    await docker('rm', '-f', 'swaps');

    await docker(
      'create',
      '--name',
      'shows',
      '--mount',
      'type=image,src=busybox,dst=/i',
      '--mount',
      'type=image,src=busybox,dst=/b,image-subpath=bin',
      'busybox',
      'sleep',
      '1000',
    );
    expect(await docker('cp', 'shows:/i/etc/group', '-')).toContain('root:x:0:');
    await docker('start', 'shows');
    expect(await docker('exec', 'shows', 'sh', '-c', `grep -E " /(i|b) " ${mounted} | cut -d" " -f4-6`)).toMatch(
      /^\/ \/i ro,\w+\n\/bin \/b ro,\w+\n$/,
    );
    expect(await docker('exec', 'shows', 'touch', '/i/etc/x')).toContain('Read-only file system');
    const sources = (await docker('inspect', '-f', '{{range .Mounts}}{{.Source}} {{end}}', 'shows')).trim().split(' ');
    expect(await inGuest(`grep -c -E "${sources.join('|')}" ${mounted}`)).toBe('2\n');
    await docker('rm', '-f', 'shows');
    expect(await inGuest(`grep -c -E "${sources.join('|')}" ${mounted}; ls -d ${sources.join(' ')} 2>/dev/null`)).toBe('0\n');
  });
});
