import { compileFunction, thresholdGlobal } from './patch-v86.ts';

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
  /** A module is being compiled; v86 has one under way at most. */
  busy(): boolean;
  /**
   * Compiles a page of the guest's kernel, from the entry points that were seen while the compiler was enabled; nothing without new ones.
   * Only while the CPU is halted, in the kernel therefore, and not while `busy`.
   * @param address of an instruction in the page, both as the kernel has it mapped and in physical memory
   */
  compile(address: { readonly virtual: number; readonly physical: number }): void;
  /** Where the CPU stands: a virtual address, u32. */
  instructionPointer(): number;
}

/** The JIT's only state, a static of v86.wasm (get_jit_state in src/rust/jit.rs). */
const jitState = 0x40c028;
/** CachedStateFlags (src/rust/state_flags.rs) of a kernel with flat segments: 32-bit code, 32-bit stack, flat; not CPL 3. */
const kernelFlags = 1 | 2 | 8;
const flatSegment = 0;

/** Indices of set_jit_config. */
const config = { disabled: 0, pages: 1, extraBlocks: 3 } as const;

/**
 * null for a v86.wasm without an adjustable threshold (patch-v86.ts): it compiles as its authors have it.
 * @param modules of `watchModules`, for the same instance
 */
export function findCompiler(exports: WebAssembly.Exports, modules: Modules): Compiler | null {
  const threshold = exports[thresholdGlobal];
  const { set_jit_config: set, jit_clear_cache_js: clear, [compileFunction]: compile, get_real_eip: instructionPointer } = exports;
  if (!(threshold instanceof WebAssembly.Global) || !isCall(set) || !isCall(clear)) return null;
  if (!isCall(compile) || !isCall(instructionPointer)) return null;
  return {
    setEnabled: (enabled) => void set(config.disabled, enabled ? 0 : 1),
    setThreshold: (instructions) => {
      threshold.value = instructions;
    },
    setModuleSize(pages, extraBlocks) {
      set(config.pages, pages);
      set(config.extraBlocks, extraBlocks);
    },
    modules: () => modules.taken.size,
    clear: () => void clear(),
    busy: () => modules.underWay,
    compile: ({ virtual, physical }) => void compile(jitState, virtual, physical, flatSegment, kernelFlags),
    instructionPointer: () => Number(instructionPointer()) >>> 0,
  };
}

type Call = (...values: unknown[]) => unknown;

/** WebAssembly modules of v86. */
export interface Modules {
  /** Their places in its table. */
  readonly taken: ReadonlySet<unknown>;
  /** One was handed over and is not in use yet. */
  readonly underWay: boolean;
}

export interface WatchedModules extends Modules {
  /** The exports that v86 shall be given. */
  watched(exports: WebAssembly.Exports): WebAssembly.Exports;
}

/**
 * Looks on while v86 makes and drops modules: calls of its WebAssembly to codegen_finalize, jit_clear_func and jit_clear_all_funcs
 * (src/cpu.js), whose first argument is a module's place in the table, and its JavaScript's call to codegen_finalize_finished.
 * @param imports of v86.wasm, before it is instantiated; their functions are replaced by ones that tell and call them
 */
export function watchModules({ env }: WebAssembly.Imports): WatchedModules {
  const taken = new Set<unknown>();
  let underWay = false;
  const watch = (name: string, told: (place: unknown) => void): void => {
    const call: unknown = env?.[name];
    if (env !== undefined && isCall(call)) env[name] = telling(call, told);
  };
  watch('codegen_finalize', (place) => {
    underWay = true;
    taken.add(place);
  });
  watch('jit_clear_func', (place) => taken.delete(place));
  watch('jit_clear_all_funcs', () => taken.clear());
  return {
    taken,
    get underWay() {
      return underWay;
    },
    watched(exports) {
      const { codegen_finalize_finished: finished } = exports;
      if (!isCall(finished)) return exports;
      return { ...exports, codegen_finalize_finished: telling(finished, () => (underWay = false)) };
    },
  };
}

function telling(call: Call, told: (first: unknown) => void): Call {
  return (...values) => {
    told(values[0]);
    return call(...values);
  };
}

function isCall(value: unknown): value is Call {
  return typeof value === 'function';
}
