import { thresholdGlobal } from './patch-v86.ts';

/** The knobs of v86's compiler (src/rust/jit.rs). */
export interface Compiler {
  /** Off: pages gather no heat, which is a tenth of what the interpreter takes, and nothing is compiled. What is compiled is used all the same. */
  setEnabled(enabled: boolean): void;
  /** Instructions executed in a page before it is compiled. */
  setThreshold(instructions: number): void;
  /** How much goes into one WebAssembly module: pages of guest code, and basic blocks beyond those that were entered. */
  setModuleSize(pages: number, extraBlocks: number): void;
  /** WebAssembly modules there are; v86 forgets all of them when it has no room for another (WASM_TABLE_SIZE, 900). */
  modules(): number;
  /** Forgets every module. */
  clear(): void;
}

/** Indices of set_jit_config. */
const config = { disabled: 0, pages: 1, extraBlocks: 3 } as const;

/**
 * null for a v86.wasm without an adjustable threshold (patch-v86.ts): it compiles as its authors have it.
 * @param modules of `countModules`, for the same instance
 */
export function findCompiler(exports: WebAssembly.Exports, modules: ReadonlySet<unknown>): Compiler | null {
  const threshold = exports[thresholdGlobal];
  const { set_jit_config: set, jit_clear_cache_js: clear } = exports;
  if (!(threshold instanceof WebAssembly.Global) || typeof set !== 'function' || typeof clear !== 'function') return null;
  return {
    setEnabled: (enabled) => void set(config.disabled, enabled ? 0 : 1),
    setThreshold: (instructions) => {
      threshold.value = instructions;
    },
    setModuleSize(pages, extraBlocks) {
      set(config.pages, pages);
      set(config.extraBlocks, extraBlocks);
    },
    modules: () => modules.size,
    clear: () => void clear(),
  };
}

type Call = (...values: unknown[]) => unknown;

/**
 * Looks on while v86 makes and drops modules: calls of its WebAssembly to codegen_finalize, jit_clear_func and jit_clear_all_funcs
 * (src/cpu.js), whose first argument is a module's place in the table.
 * @param imports of v86.wasm, before it is instantiated; their functions are replaced by ones that tell and call them
 * @returns the places that are taken
 */
export function countModules(imports: WebAssembly.Imports): ReadonlySet<unknown> {
  const taken = new Set<unknown>();
  watch(imports, 'codegen_finalize', ([place]) => taken.add(place));
  watch(imports, 'jit_clear_func', ([place]) => taken.delete(place));
  watch(imports, 'jit_clear_all_funcs', () => taken.clear());
  return taken;
}

function watch({ env }: WebAssembly.Imports, name: string, told: (values: readonly unknown[]) => void): void {
  const call: unknown = env?.[name];
  if (env === undefined || !isCall(call)) return;
  env[name] = (...values: unknown[]) => {
    told(values);
    return call(...values);
  };
}

function isCall(value: unknown): value is Call {
  return typeof value === 'function';
}
