import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createContainerSchema } from '../../src/protocol/engine-api.ts';
import { nodePlatform } from '../../src/worker/node/platform.ts';
import { prepareGuest } from '../../src/worker/node/prepare-guest.ts';
import { LocalPlayground } from '../../src/worker/playground.ts';
import { round, type Figure } from './figure.ts';
import { openShell } from './shell.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const megabyte = 1024 * 1024;
/** Bytes that are not zero, and quick to make. */
const writes = 'for i in $(seq 60); do cat /bin/busybox; done | head -c 52428800 >/big; sync; sleep 100000';

/** What a page holds after a container's layer of 50 MB was committed, beside what the container has: contents in memory, as there. */
export async function* commitMemoryFigure(): AsyncGenerator<Figure> {
  const playground = await inMemory();
  try {
    const { backend, machine } = playground.host;
    const shell = await openShell(playground);
    await shell.run('docker pull -q busybox');
    const body = createContainerSchema.parse({ Image: 'busybox', Cmd: ['sh', '-c', writes] });
    await backend.containers.create({ name: 'big', platform: '', body });
    await backend.lifecycle.start('big');
    await shell.run("until docker exec big sh -c '[ $(stat -c %s /big) = 52428800 ]'; do sleep 1; done; sync");
    const before = { heap: await heap(), disk: machine.diskBytes() };
    const started = performance.now();
    const { output } = await shell.run('docker commit big made && sync');
    if (!/sha256:[0-9a-f]{64}/.test(output)) throw new Error(`docker commit said ${output}`);
    const seconds = (performance.now() - started) / 1000;
    const after = { heap: await heap(), disk: machine.diskBytes() };
    yield {
      figure: 'memory of a page after a commit of 50 MB',
      value: round((after.heap - before.heap) / megabyte, 1),
      unit: 'MB',
      diskMegabytes: round((after.disk - before.disk) / megabyte, 1),
      seconds: round(seconds, 1),
    };
  } finally {
    await playground.dispose();
  }
}

/** The guest's disk is in it. */
async function heap(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((later) => setTimeout(later, 50));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A playground of this process whose contents lie in memory. */
async function inMemory(): Promise<LocalPlayground> {
  const memoryMegabytes = 256;
  const { manifest, paths } = await prepareGuest(() => undefined, memoryMegabytes);
  const path = (part: 'state' | 'wasm' | 'disk'): string => paths[manifest[part].file] ?? '';
  const images = new URL('../../images/oci', import.meta.url).pathname;
  const tools = new URL('../../tools/store', import.meta.url).pathname;
  const { openStorage: _, ...platform } = nodePlatform({
    memoryMegabytes,
    state: path('state'),
    wasm: path('wasm'),
    disk: path('disk'),
    images,
    tools,
  });
  const playground = new LocalPlayground(platform);
  await playground.lifecycle.boot({ baseUrl: 'file:///', memoryMegabytes }, () => undefined);
  return playground;
}
