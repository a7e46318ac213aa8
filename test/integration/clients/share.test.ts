/** `npm run engine -- --share DIR`: a folder of this machine in containers of the real client, live both ways. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['docker'], 'a shared folder', () => {
  let engine: RunningEngine;
  let folder: string;

  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'drydock-'));
    folder = realpathSync(await mkdtemp(join(tmpdir(), 'shared-')));
    engine = await startEngine({ host: `unix://${home}/engine.sock`, share: folder });
    await docker('run', '-d', '--name', 'web', '-v', `${folder}:/app`, 'busybox', 'sleep', '10000');
  });
  afterAll(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  /** Both outputs, one after the other. */
  function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return new Promise((resolve) => execFile('docker', args, { env }, (_, stdout, stderr) => resolve(stdout + stderr)));
  }
  const shell = (script: string): Promise<string> => docker('exec', 'web', 'sh', '-c', `cd /app; ${script}`);
  const own = (path: string): string => join(folder, path);

  test('an edit, a rename, a removal and a mode of either side are seen on the other', async () => {
    writeFileSync(own('f'), 'one');
    expect(await shell('cat f')).toBe('one');
    writeFileSync(own('f'), 'second');
    expect(await shell('cat f; echo guest >>f; mkdir d; mv f d/g')).toBe('second');
    expect(readFileSync(own('d/g'), 'utf8')).toBe('secondguest\n');
    renameSync(own('d/g'), own('h'));
    chmodSync(own('h'), 0o751);
    expect(await shell('ls; stat -c "%a %s" h; rmdir d; chmod 4604 h; chown 7:8 h')).toBe('d\nh\n751 12\n');
    expect([readdirSync(folder), statSync(own('h')).mode & 0o7777]).toEqual([['h'], 0o604]);
    rmSync(own('h'));
    expect(await shell('ls; ln -s /etc/passwd l; ln -s ../../etc l2; ls -A l2/hostname')).toContain('l2/hostname');
    expect(readlinkSync(own('l'))).toBe('/etc/passwd');
    expect(await docker('run', '--rm', '-v', `${folder}:/ro:ro`, 'busybox', 'touch', '/ro/x')).toContain('Read-only file system');
    for (const link of ['l', 'l2']) rmSync(own(link));
  });

  test('a file of 16 MB and a tree of 200 files with links are the same on both sides, and npm-like replacement works', async () => {
    const big = randomBytes(16 * 1024 * 1024);
    writeFileSync(own('big'), big);
    expect(await shell('cp big big2; rm big')).toBe('');
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(hash(readFileSync(own('big2')))).toBe(hash(big));
    rmSync(own('big2'));
    for (let index = 0; index < 200; index++) {
      const parent = own(`node_modules/.new/${index % 50}/lib`);
      mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, `${index}.js`), String(index));
    }
    mkdirSync(own('node_modules/.bin'));
    symlinkSync('../.new/0/lib/0.js', own('node_modules/.bin/tool'));
    expect(
      await shell('find node_modules -name "*.js" | wc -l; cat node_modules/.bin/tool; cp -a node_modules copy; mv copy/.new copy/pkg'),
    ).toBe('200\n0');
    expect(readdirSync(own('copy/pkg')).length).toBe(50);
    expect(readFileSync(own('copy/pkg/49/lib/199.js'), 'utf8')).toBe('199');
    expect(await shell('rm -r copy node_modules; ls -A')).toBe('');
  });

  test('a source that is neither shared nor in the guest is warned of', async () => {
    const run = (source: string): Promise<string> => docker('run', '--rm', '-v', `${source}:/x`, 'busybox', 'true');
    expect(await run('/home/someone/app')).toContain('WARNING: /home/someone/app is a path of the guest and not there');
    expect(await run('/home/someone/app')).toBe('');
    expect(await run(folder)).toBe('');
  });
});
