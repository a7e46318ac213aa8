import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/worker/node/engine.ts';
import { round, type Figure } from './figure.ts';

const bytes = 64 * 1024 * 1024;
const megabytes = bytes / 1e6;
const writer = 'dd if=/dev/zero bs=64k count=1024';

/** 64 MB of a container's output, to a file in the guest and to a client on Node's socket. */
export async function* throughputFigures(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-bench-'));
  const engine = await startEngine({ host: `unix://${folder}/engine.sock` });
  const { playground } = engine;
  await playground.lines.run('docker pull -q busybox', { id: 'pull' });

  const started = performance.now();
  const { stdout } = await playground.lines.run(
    `docker run --rm busybox ${writer} 2>/dev/null >/root/zeros; stat -c %s /root/zeros; rm /root/zeros`,
    { id: 'dd' },
  );
  yield {
    figure: 'output through attach to a file in the guest',
    value: round(megabytes / ((performance.now() - started) / 1000)),
    unit: 'MB/s',
    lost: bytes - Number(stdout.trim()),
  };

  const { stdout: id } = await playground.lines.run(`docker create busybox ${writer}`, { id: 'create' });
  const before = performance.now();
  const received = await attachAndStart(`${folder}/engine.sock`, id.trim());
  yield {
    figure: 'output through attach to a Node client',
    value: round(megabytes / ((performance.now() - before) / 1000)),
    unit: 'MB/s',
    lost: bytes - received,
  };
  await engine.stop();
}

/** Resolves to the bytes of the container's stdout. */
function attachAndStart(socketPath: string, id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const attach = request({
      socketPath,
      method: 'POST',
      path: `/containers/${id}/attach?stream=1&stdout=1`,
      headers: { connection: 'Upgrade', upgrade: 'tcp' },
    });
    attach.on('upgrade', (_response, socket, head) => {
      let received = 0;
      let header = Buffer.alloc(0);
      let left = 0;
      const take = (chunk: Buffer): void => {
        let data = chunk;
        while (data.length > 0) {
          if (left === 0) {
            const missing = 8 - header.length;
            header = Buffer.concat([header, data.subarray(0, missing)]);
            data = data.subarray(missing);
            if (header.length < 8) return;
            left = header.readUInt32BE(4);
            header = Buffer.alloc(0);
          }
          const part = Math.min(left, data.length);
          received += part;
          left -= part;
          data = data.subarray(part);
        }
      };
      take(head);
      socket.on('data', take);
      socket.on('end', () => {
        socket.end();
        resolve(received);
      });
      request({ socketPath, method: 'POST', path: `/containers/${id}/start` })
        .on('error', reject)
        .end();
    });
    attach.on('error', reject);
    attach.end();
  });
}
