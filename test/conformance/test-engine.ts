import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { testLayout } from '../../src/engine/images/testing/layout.ts';
import { bundledRegistry } from '../../src/engine/registry/bundled.ts';
import { tinyRuntime, type TinyRuntime } from './tiny-runtime.ts';

const layout = testLayout([{ name: 'docker.io/library/busybox:latest', layers: [[{ path: 'bin/sh', mode: 0o755, data: 'x' }]] }]);

export interface TestEngine {
  readonly engine: Engine;
  readonly runtime: TinyRuntime;
}

/** The engine over a host that needs no guest, with one small image to pull. */
export function testEngine(): TestEngine {
  let seed = 1;
  const runtime = tinyRuntime();
  const engine = createEngine({
    runtime,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => (seed = (seed * 48_271) % 0x7fffffff) & 0xff),
    registry: bundledRegistry(layout.fetchBlob),
    layers: { add: () => undefined, remove: () => undefined },
    inflate: (source) => source,
  });
  return { engine, runtime };
}
