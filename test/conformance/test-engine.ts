import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { testLayout, type TestLayout } from '../../src/engine/images/testing/layout.ts';
import { bundledRegistry } from '../../src/engine/registry/bundled.ts';
import { TestMachine } from '../../src/engine/testing/machine.ts';

const busybox = testLayout([{ name: 'docker.io/library/busybox:latest', layers: [[{ path: 'bin/sh', mode: 0o755, data: 'x' }]] }]);

const hostTree: Readonly<Record<string, string>> = {
  '/proc/meminfo': 'MemTotal:         256000 kB\n',
  '/proc/uptime': '100.00 90.00\n',
  '/proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n',
  '/proc/sys/kernel/osrelease': '6.1.0-test\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n',
};

export interface TestEngineOptions extends Pick<EngineOptions, 'log' | 'clock'> {
  /** What can be pulled; busybox unless given. */
  readonly images?: TestLayout;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly runtime: TestMachine;
}

/** The engine over a host that needs no guest, with one small image to pull. @param log to go on with */
export function testEngine({ images = busybox, log, clock }: TestEngineOptions = {}): TestEngine {
  let seed = 1;
  const runtime = new TestMachine(hostTree);
  const engine = createEngine({
    runtime,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => (seed = (seed * 48_271) % 0x7fffffff) & 0xff),
    registry: bundledRegistry(images.fetchBlob),
    layers: { add: () => undefined, remove: () => undefined },
    inflate: (source) => source,
    ...(log === undefined ? {} : { log }),
    ...(clock === undefined ? {} : { clock }),
  });
  return { engine, runtime };
}
