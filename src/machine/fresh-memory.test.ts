import { expect, test } from 'vitest';
import { spareFreshMemory } from './fresh-memory.ts';

const page = 65536;

/** v86.wasm as far as it is about the guest's memory: one page of its own, of which the guest's begins in the last 4096 bytes. */
function machine() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const start = page - 4096;
  const cleared: [number, number][] = [];
  const fresh = spareFreshMemory({
    memory,
    allocate_memory: (size: number) => {
      memory.grow(Math.ceil((size - 4096) / page));
      return start;
    },
    zero_memory: (address: number, size: number) => {
      cleared.push([address, size]);
      new Uint8Array(memory.buffer).fill(0, start + address, start + address + size);
    },
  });
  const call = (name: string, ...values: number[]): unknown => {
    const found = fresh.exports[name];
    return typeof found === 'function' ? Reflect.apply(found, undefined, values) : undefined;
  };
  return { memory, fresh, call, cleared, start };
}

test('what a new machine’s memory grew by is not cleared, what was there before is', () => {
  const { memory, call, cleared, start } = machine();
  new Uint8Array(memory.buffer).fill(7, start);
  expect(call('allocate_memory', 4 * page)).toBe(start);
  call('zero_memory', 0, 4 * page);
  expect(cleared).toEqual([[0, 4096]]);
  expect(new Uint8Array(memory.buffer, start).every((byte) => byte === 0)).toBe(true);
});

test('is cleared the second time, in part, and once it was used', () => {
  const { fresh, call, cleared } = machine();
  call('allocate_memory', 4 * page);
  call('zero_memory', 0, 4 * page);
  call('zero_memory', 0, 4 * page);
  expect(cleared.at(-1)).toEqual([0, 4 * page]);
  call('allocate_memory', page);
  call('zero_memory', 8192, 4096);
  expect(cleared.at(-1)).toEqual([8192, 4096]);
  call('allocate_memory', page);
  fresh.used();
  call('zero_memory', 0, page);
  expect(cleared.at(-1)).toEqual([0, page]);
});
