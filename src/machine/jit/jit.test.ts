import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countModules, findCompiler, type Compiler } from './compiler.ts';
import { originalThreshold, patchV86, thresholdGlobal } from './patch-v86.ts';
import { CompilerPolicy } from './policy.ts';

const original = new Uint8Array(readFileSync(join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm')));

describe('the patch of v86.wasm', () => {
  it('exports the threshold as a global of the same value, and the rest stays', () => {
    const [before, after] = [new WebAssembly.Module(original), new WebAssembly.Module(patchV86(original))];
    expect(WebAssembly.Module.exports(after)).toEqual([...WebAssembly.Module.exports(before), { name: thresholdGlobal, kind: 'global' }]);
    expect(WebAssembly.Module.imports(after)).toEqual(WebAssembly.Module.imports(before));
    expect(findCompiler(instantiate(after), new Set())).not.toBeNull();
    expect(findCompiler(instantiate(before), new Set())).toBeNull();
    const global = instantiate(after)[thresholdGlobal];
    expect(global instanceof WebAssembly.Global && global.value).toBe(originalThreshold);
  });

  it('is refused for any other file', () => {
    const changed = original.slice();
    changed[original.length - 1] = (changed[original.length - 1] ?? 0) ^ 1;
    expect(() => patchV86(changed)).toThrow(/v86\.wasm has SHA-256 [0-9a-f]{64}, not aa0d0e14/);
    expect(() => patchV86(patchV86(original))).toThrow('JIT_THRESHOLD');
  });
});

/** With imports that do nothing. */
function instantiate(module: WebAssembly.Module): WebAssembly.Exports {
  const env: Record<string, WebAssembly.ImportValue> = {};
  for (const { name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function') env[name] = () => 0;
    if (kind === 'table') env[name] = new WebAssembly.Table({ element: 'anyfunc', initial: 1924 });
    if (kind === 'memory') env[name] = new WebAssembly.Memory({ initial: 512 });
  }
  return new WebAssembly.Instance(module, { env }).exports;
}

describe('modules', () => {
  it('are counted as v86 makes, drops and forgets them', () => {
    const calls: unknown[] = [];
    const call =
      (name: string) =>
      (...values: unknown[]) =>
        void calls.push([name, ...values]);
    const names = ['codegen_finalize', 'jit_clear_func', 'jit_clear_all_funcs'];
    const env: Record<string, (...values: unknown[]) => void> = Object.fromEntries(names.map((name) => [name, call(name)]));
    const modules = countModules({ env });
    env['codegen_finalize']?.(3, 0x1000, 0, 64, 100);
    env['codegen_finalize']?.(4, 0x2000, 0, 64, 100);
    env['jit_clear_func']?.(3);
    expect([...modules]).toEqual([4]);
    env['jit_clear_all_funcs']?.();
    expect(modules.size).toBe(0);
    expect(calls).toEqual([
      ['codegen_finalize', 3, 0x1000, 0, 64, 100],
      ['codegen_finalize', 4, 0x2000, 0, 64, 100],
      ['jit_clear_func', 3],
      ['jit_clear_all_funcs'],
    ]);
  });
});

describe('the compiler', () => {
  const compiler = { enabled: true, threshold: 0, size: [0, 0], count: 0, cleared: 0 };
  const fake: Compiler = {
    setEnabled: (enabled) => (compiler.enabled = enabled),
    setThreshold: (instructions) => (compiler.threshold = instructions),
    setModuleSize: (...size) => (compiler.size = size),
    modules: () => compiler.count,
    clear: () => {
      compiler.cleared += 1;
      compiler.count = 0;
    },
  };
  let instructions = 0;
  const policy = (): CompilerPolicy => {
    Object.assign(compiler, { enabled: true, threshold: 0, count: 0, cleared: 0 });
    instructions = 0xffff_0000;
    return new CompilerPolicy(fake, () => instructions);
  };
  const execute = (count: number): void => {
    instructions = (instructions + count) >>> 0;
  };

  it('is off for a short command, also after many others, and compiles what goes on', () => {
    const { running, waiting } = bound(policy());
    for (let command = 0; command < 10; command += 1) {
      running(command * 100);
      execute(6_000_000);
      running(command * 100 + 50);
      expect(compiler.enabled).toBe(false);
      waiting(command * 100 + 50);
    }
    running(1000);
    execute(15_000_000);
    running(1100);
    expect(compiler).toMatchObject({ enabled: true, threshold: 1_000_000, size: [1, 20] });
  });

  it('takes a wait of a moment for a part of the burst', () => {
    const { running, waiting } = bound(policy());
    for (let round = 0; round < 4; round += 1) {
      running(round * 10);
      execute(4_000_000);
      waiting(round * 10 + 8);
    }
    running(40);
    expect(compiler).toMatchObject({ enabled: true, threshold: 1_000_000 });
  });

  it('has its table of modules emptied when it is nearly full and nobody waits, and never fills it', () => {
    const { running, waiting } = bound(policy());
    running(0);
    execute(20_000_000);
    compiler.count = 800;
    running(10);
    expect(compiler).toMatchObject({ enabled: true, threshold: 8_000_000 });
    compiler.count = 880;
    running(20);
    expect(compiler.enabled).toBe(false);
    waiting(30);
    running(1000);
    expect(compiler.cleared).toBe(0);
    waiting(1010);
    running(3500);
    expect(compiler.cleared).toBe(1);
  });

  function bound(of: CompilerPolicy): Pick<CompilerPolicy, 'running' | 'waiting'> {
    return { running: (now) => of.running(now), waiting: (now) => of.waiting(now) };
  }
});
