/** The exports of v86.wasm, with a memory that is not cleared while nothing was ever written to it. */
export interface FreshMemory {
  readonly exports: WebAssembly.Exports;
  /** The guest's memory is written to from now on. */
  used(): void;
}

/**
 * v86 clears the guest's memory before it lays a saved one over it (CPU.prototype.unpack_memory in src/cpu.js). In a machine that was just made that touches
 * every page of 256 MB in vain: what a WebAssembly memory grows by is zero (WebAssembly Core, "Growing memories"). Only what was there before it grew
 * for the guest is cleared.
 */
export function spareFreshMemory(exports: WebAssembly.Exports): FreshMemory {
  const { memory, allocate_memory: allocate, zero_memory: zero } = exports;
  if (!(memory instanceof WebAssembly.Memory) || !isCall(allocate) || !isCall(zero)) return { exports, used: () => undefined };
  /** Bytes from the guest's address 0 on that are zero from `from` on; null once that is not known. */
  let fresh: { readonly size: number; readonly from: number } | null = null;
  return {
    used: () => (fresh = null),
    exports: {
      ...exports,
      allocate_memory(size: number): unknown {
        const before = memory.buffer.byteLength;
        const start = allocate(size);
        fresh = { size, from: Math.max(0, before - (Number(start) >>> 0)) };
        return start;
      },
      zero_memory(address: number, size: number): void {
        const spared = address === 0 && fresh?.size === size ? Math.min(fresh.from, size) : size;
        fresh = null;
        if (spared > 0) zero(address, spared);
      },
    },
  };
}

type Call = (...values: unknown[]) => unknown;

function isCall(value: unknown): value is Call {
  return typeof value === 'function';
}
