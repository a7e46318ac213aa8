import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../../src/base/streams.ts';
import { tarOf } from '../../src/base/tar/write.ts';
import { createContainerSchema } from '../../src/protocol/engine-api.ts';
import { startEngine } from '../../src/worker/node/engine.ts';
import { round, type Figure } from './figure.ts';

const megabyte = 1024 * 1024;
const size = 100 * megabyte;
const file = {
  path: 'big',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  link: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
  size,
} as const;

function zeros(): ByteSource {
  let left = size;
  return {
    read() {
      const piece = Math.min(left, 64 * 1024);
      left -= piece;
      return Promise.resolve(piece === 0 ? null : new Uint8Array(piece));
    },
    cancel: () => (left = 0),
  };
}

async function drain(source: ByteSource): Promise<void> {
  while ((await source.read()) !== null);
}

function heap(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

interface Run {
  readonly seconds: number;
  /** Bytes over what there was before, garbage included. */
  readonly peak: number;
}

async function measured(work: () => Promise<void>): Promise<Run> {
  globalThis.gc?.();
  const before = heap();
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, heap() - before)), 10);
  const started = performance.now();
  try {
    await work();
    return { seconds: (performance.now() - started) / 1000, peak: Math.max(peak, heap() - before) };
  } finally {
    clearInterval(timer);
  }
}

/** A file of 100 MB into a container that runs, out of it again, its root file system exported, committed, and saved: MB a second, and what the heap grew by at most. */
export async function* archivesFigures(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-archives-'));
  const engine = await startEngine({ host: `unix://${folder}/docker.sock` });
  try {
    const { backend } = engine.playground.host;
    const pull = await backend.images.pull({ image: 'busybox', tag: 'latest', platform: '', signal: new AbortController().signal });
    while ((await pull.read()) !== null);
    const body = createContainerSchema.parse({ Image: 'busybox', Cmd: ['sleep', '1000'] });
    await backend.containers.create({ name: 'big', platform: '', body });
    await backend.lifecycle.start('big');
    const options = { path: '/root', noOverwriteDirNonDir: true, copyUIDGID: false };
    const runs: Readonly<Record<string, () => Promise<void>>> = {
      'into a container': () => backend.archives.extract('big', options, tarOf([{ header: file, contents: zeros() }])),
      'out of a container': async () => drain((await backend.archives.read('big', '/root/big')).archive),
      'by export': async () => drain(await backend.archives.export('big')),
      'by commit': async () => {
        const said = { repository: 'big', tag: '1', author: '', comment: '', changes: [], config: null };
        await backend.images.commit('big', { ...said, pause: true, signal: new AbortController().signal });
      },
      'by save': async () => drain(await backend.images.save(['big:1'], { platform: '' })),
    };
    for (const [name, work] of Object.entries(runs)) {
      const { seconds, peak } = await measured(work);
      yield { figure: `100 MB ${name}`, value: round(size / megabyte / seconds, 1), unit: 'MB/s', target: 30 };
      yield { figure: `growth of the heap during 100 MB ${name}`, value: round(peak / megabyte, 1), unit: 'MB', target: 64 };
    }
  } finally {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
