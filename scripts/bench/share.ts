import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEngine } from '../../src/worker/node/engine.ts';
import { round, type Figure } from './figure.ts';

const megabytes = 64;
const files = 1000;
const run = promisify(execFile);

/** A shared folder under the real client: megabytes a second of one file, files a second of many small ones, both ways. */
export async function* shareFigures(): AsyncIterable<Figure> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'shared-')));
  const engine = await startEngine({ host: `unix://${join(folder, 'engine.sock')}`, share: folder });
  const docker = async (...args: readonly string[]): Promise<number> => {
    const started = performance.now();
    await run('docker', args, { env: { ...process.env, DOCKER_HOST: engine.address } });
    return (performance.now() - started) / 1000;
  };
  const shell = (script: string): Promise<number> => docker('exec', 'bench', 'sh', '-c', `cd /w; ${script}`);
  try {
    await docker('run', '-d', '--name', 'bench', '-v', `${folder}:/w`, 'busybox', 'sleep', '100000');
    writeFileSync(join(folder, 'big'), new Uint8Array(megabytes * 1024 * 1024));
    const idle = await shell('true');
    const rate = async (script: string, amount: number): Promise<number> => round(amount / Math.max(0.001, (await shell(script)) - idle));
    yield { figure: 'share, reading a file', value: await rate('cat big >/dev/null', megabytes), unit: 'MB/s' };
    yield {
      figure: 'share, writing a file',
      value: await rate('dd if=/dev/zero of=new bs=1M count=64 2>/dev/null', megabytes),
      unit: 'MB/s',
    };
    const make = `mkdir many; i=0; while [ $i -lt ${files} ]; do echo $i >many/$i; i=$((i+1)); done`;
    yield { figure: 'share, making small files', value: await rate(make, files), unit: 'files/s' };
    yield { figure: 'share, reading small files', value: await rate('cat many/* >/dev/null', files), unit: 'files/s' };
    yield { figure: 'share, removing small files', value: await rate('rm -r many', files), unit: 'files/s' };
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true });
  }
}
