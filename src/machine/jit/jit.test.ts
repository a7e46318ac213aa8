import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCompiler, watchModules } from './compiler.ts';
import { compileFunction, originalThreshold, patchV86, thresholdGlobal } from './patch-v86.ts';
import { CompilerPolicy } from './policy.ts';
import { RestCompiler } from './rest-compiler.ts';

const original = new Uint8Array(readFileSync(join(dirname(createRequire(import.meta.url).resolve('v86')), 'v86.wasm')));

describe('the patch of v86.wasm', () => {
  it('exports the threshold as a global of the same value and what compiles a page, and the rest stays', () => {
    const [before, after] = [new WebAssembly.Module(original), new WebAssembly.Module(patchV86(original))];
    expect(WebAssembly.Module.exports(after)).toEqual([
      ...WebAssembly.Module.exports(before),
      { name: thresholdGlobal, kind: 'global' },
      { name: compileFunction, kind: 'function' },
    ]);
    expect(WebAssembly.Module.imports(after)).toEqual(WebAssembly.Module.imports(before));
    const none = { taken: new Set(), underWay: false };
    expect(findCompiler(instantiate(after), none)).not.toBeNull();
    expect(findCompiler(instantiate(before), none)).toBeNull();
    const global = instantiate(after)[thresholdGlobal];
    expect(global instanceof WebAssembly.Global && global.value).toBe(originalThreshold);
  });

  it('exports the function that v86 names so, which takes the JIT state, two addresses, a segment and flags', () => {
    const [names] = WebAssembly.Module.customSections(new WebAssembly.Module(original), 'name');
    const compile = instantiate(new WebAssembly.Module(patchV86(original)))[compileFunction];
    // V8 names an exported function by its index.
    expect(typeof compile === 'function' && [compile.name, compile.length]).toEqual(['3383', 5]);
    // In the name section, subsection 1: the index in LEB128, the length of the name, the name.
    const mangled = '_RNvNtCslOG1uufA09K_3v863jit24jit_analyze_and_generate';
    const entry = Buffer.concat([Buffer.from([0xb7, 0x1a, mangled.length]), Buffer.from(mangled)]);
    expect(Buffer.from(names ?? new ArrayBuffer(0)).includes(entry)).toBe(true);
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
    const modules = watchModules({ env });
    env['codegen_finalize']?.(3, 0x1000, 0, 64, 100);
    env['codegen_finalize']?.(4, 0x2000, 0, 64, 100);
    env['jit_clear_func']?.(3);
    expect([...modules.taken]).toEqual([4]);
    env['jit_clear_all_funcs']?.();
    expect(modules.taken.size).toBe(0);
    expect(calls).toEqual([
      ['codegen_finalize', 3, 0x1000, 0, 64, 100],
      ['codegen_finalize', 4, 0x2000, 0, 64, 100],
      ['jit_clear_func', 3],
      ['jit_clear_all_funcs'],
    ]);
  });

  it('are under way from when v86 hands them over until it has them', () => {
    const env: Record<string, () => void> = { codegen_finalize: () => undefined };
    const modules = watchModules({ env });
    const finished: unknown[] = [];
    const { codegen_finalize_finished: finish, memory } = modules.watched({
      memory: 1 as never,
      codegen_finalize_finished: (...values: unknown[]) => void finished.push(values),
    });
    expect(memory).toBe(1);
    expect(modules.underWay).toBe(false);
    env['codegen_finalize']?.();
    expect(modules.underWay).toBe(true);
    if (typeof finish === 'function') finish(3, 0x1000, 11);
    expect(modules.underWay).toBe(false);
    expect(finished).toEqual([[3, 0x1000, 11]]);
  });
});

describe('the compiler', () => {
  const compiler = { enabled: true, threshold: 0, size: [0, 0], count: 0, cleared: 0 };
  const fake = {
    setEnabled: (enabled: boolean) => (compiler.enabled = enabled),
    setThreshold: (instructions: number) => (compiler.threshold = instructions),
    setModuleSize: (...size: [number, number]) => (compiler.size = size),
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
    return new CompilerPolicy(fake, () => instructions, atRest);
  };
  const atRest = {
    noting: false,
    forgot: 0,
    running: () => atRest.noting,
    interrupted: () => undefined,
    waiting: () => undefined,
    forget: () => (atRest.forgot += 1),
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
    expect(atRest.forgot).toBe(0);
    running(3500);
    expect(compiler.cleared).toBe(1);
    expect(atRest.forgot).toBe(1);
  });

  it('notes entry points and compiles nothing in a tick of which something is to be learned', () => {
    const { running } = bound(policy());
    atRest.noting = true;
    running(0);
    expect(compiler).toMatchObject({ enabled: true, threshold: 0x7fff_ffff });
    atRest.noting = false;
    running(1);
    expect(compiler.enabled).toBe(false);
    execute(15_000_000);
    atRest.noting = true;
    running(2);
    atRest.noting = false;
    expect(compiler).toMatchObject({ enabled: true, threshold: 1_000_000 });
  });

  function bound(of: CompilerPolicy): Pick<CompilerPolicy, 'running' | 'waiting'> {
    return { running: (now) => of.running(now), waiting: (now) => of.waiting(now) };
  }
});

describe('at rest', () => {
  const guest = { at: 0, instructions: 0, busy: false };
  const compiled: unknown[] = [];
  const fresh = (memoryBytes = 256 * 1024 * 1024): RestCompiler => {
    Object.assign(guest, { at: 0, instructions: 0xffff_ff00, busy: false });
    compiled.length = 0;
    return new RestCompiler(
      {
        busy: () => guest.busy,
        compile: (address) => void compiled.push(address),
        instructionPointer: () => guest.at,
      },
      memoryBytes,
      () => guest.instructions,
      () => Date.now(),
    );
  };
  const see = (rest: RestCompiler, address: number, times: number): void => {
    for (let time = 0; time < times; time += 1) {
      guest.at = address + time * 4;
      rest.running();
      guest.instructions = (guest.instructions + 50_000) >>> 0;
      rest.interrupted();
    }
  };
  const halt = (rest: RestCompiler): void => rest.waiting(Date.now());
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('a page of the kernel that was seen three times is compiled, once, and not while the CPU runs', () => {
    const rest = fresh();
    see(rest, 0xc100_2000, 3);
    vi.advanceTimersByTime(1000);
    expect(compiled).toEqual([]);
    halt(rest);
    vi.advanceTimersByTime(29);
    expect(compiled).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(compiled).toEqual([{ virtual: 0xc100_2008, physical: 0x0100_2008 }]);
    see(rest, 0xc100_2000, 8);
    halt(rest);
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(1);
    see(rest, 0xc100_2000, 1);
    halt(rest);
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(2);
  });

  it('nothing of programs, of memory that the kernel maps elsewhere, and nothing seen twice is compiled', () => {
    const rest = fresh(64 * 1024 * 1024);
    see(rest, 0x0804_8000, 50);
    see(rest, 0xbfff_f000, 50);
    see(rest, 0xc400_0000, 50);
    see(rest, 0xc000_1000, 2);
    halt(rest);
    vi.advanceTimersByTime(1000);
    expect(compiled).toEqual([]);
  });

  it('one module follows the other, and whoever runs in between goes first', () => {
    const rest = fresh();
    see(rest, 0xc100_0000, 3);
    see(rest, 0xc100_1000, 3);
    see(rest, 0xc100_2000, 3);
    halt(rest);
    vi.advanceTimersByTime(31);
    expect(compiled).toHaveLength(1);
    guest.busy = true;
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(1);
    guest.busy = false;
    vi.advanceTimersByTime(10);
    expect(compiled).toHaveLength(2);
    rest.running();
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(2);
    // A tick of the idle kernel is no work, a command is: the rest begins anew.
    guest.instructions += 1000;
    halt(rest);
    vi.advanceTimersByTime(31);
    expect(compiled).toHaveLength(3);
    see(rest, 0xc100_3000, 3);
    rest.dispose();
    halt(rest);
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(3);
  });

  it('entry points are noted in every second tick while pages become hot, and no longer', () => {
    const rest = fresh();
    expect([rest.running(), rest.running(), rest.running(), rest.running()]).toEqual([true, false, true, false]);
    guest.instructions = (guest.instructions + 60_000_000) >>> 0;
    expect([rest.running(), rest.running()]).toEqual([false, false]);
    see(rest, 0xc100_0000, 3);
    expect([rest.running(), rest.running()].filter(Boolean)).toHaveLength(1);
  });

  it('compiles 300 pages at most, and all of them again after every module was forgotten', () => {
    const rest = fresh();
    for (let page = 0; page < 400; page += 1) see(rest, 0xc100_0000 + page * 4096, 3);
    halt(rest);
    vi.advanceTimersByTime(60_000);
    expect(compiled).toHaveLength(300);
    rest.forget();
    see(rest, 0xc100_0000, 3);
    halt(rest);
    vi.advanceTimersByTime(1000);
    expect(compiled).toHaveLength(301);
  });
});
