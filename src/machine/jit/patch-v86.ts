import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, toHex, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';

/** SHA-256 of build/v86.wasm in npm's v86 0.5.462, the only file whose inside is known. */
const knownFile = 'aa0d0e149d6b60063b85de4871e78505637ce92821e14a9f9802c4008ba2336e';
/** v86's own heat at which a page is compiled: instructions executed in it, JIT_THRESHOLD of src/rust/jit.rs. */
export const originalThreshold = 200_000;
/** Name of the global that is exported in its place. */
export const thresholdGlobal = 'jit_threshold';
/** Name under which v86's own function that compiles a page is exported. */
export const compileFunction = 'jit_analyze_and_generate';
/** Its index, of the file's section "name". */
const compileFunctionIndex = 3383;

/** Of the WebAssembly specification, "Binary Format". */
const section = { import: 2, global: 6, export: 7, code: 10 } as const;
const i32 = 0x7f;
const mutable = 0x01;
const op = { nop: 0x01, end: 0x0b, globalGet: 0x23, i32Const: 0x41 } as const;
const functionKind = 0;
const globalKind = 3;

/**
 * v86.wasm with its compiler's threshold, a constant in it, made an exported mutable global of the same value, and the function that compiles
 * a page exported: until somebody sets the one or calls the other, the file does what it did. The one place of the constant becomes
 * `global.get`, padded to its length, so that no other byte moves.
 * @throws AppError internal for any other file than that of the version this was written for
 */
export function patchV86(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = toHex(sha256(wasm));
  if (hash !== knownFile) {
    throw new AppError('internal', `v86.wasm has SHA-256 ${hash}, not ${knownFile}: look where its JIT_THRESHOLD is now (src/machine/jit)`);
  }
  const sections = readSections(wasm);
  const index = countImportedGlobals(bodyOf(sections, section.import)) + readLeb(bodyOf(sections, section.global), 0).value;
  const declared = Uint8Array.of(i32, mutable, op.i32Const, ...signedLeb(originalThreshold), op.end);
  const exported = [exportOf(thresholdGlobal, globalKind, index), exportOf(compileFunction, functionKind, compileFunctionIndex)];
  const changed = sections.map(({ id, body }) => {
    if (id === section.global) return { id, body: appended(body, declared) };
    if (id === section.export) return { id, body: exported.reduce(appended, body) };
    return id === section.code ? { id, body: withGlobal(body, index) } : { id, body };
  });
  const parts = changed.flatMap(({ id, body }) => [Uint8Array.of(id, ...leb(body.length)), body]);
  return concatBytes([wasm.subarray(0, 8), ...parts]);
}

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

function readSections(wasm: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < wasm.length;) {
    const { value: size, next } = readLeb(wasm, at + 1);
    sections.push({ id: wasm[at] ?? 0, body: wasm.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

function bodyOf(sections: readonly Section[], id: number): Uint8Array {
  const found = sections.find((candidate) => candidate.id === id);
  if (found === undefined) throw new AppError('internal', `v86.wasm has no section ${id}`);
  return found.body;
}

function exportOf(name: string, kind: number, index: number): Uint8Array {
  return Uint8Array.of(name.length, ...utf8(name), kind, ...leb(index));
}

/** A vector with one more element. */
function appended(body: Uint8Array, element: Uint8Array): Uint8Array {
  const { value: count, next } = readLeb(body, 0);
  return concatBytes([Uint8Array.from(leb(count + 1)), body.subarray(next), element]);
}

/** Replaces the only `i32.const 200000` of the code. */
function withGlobal(code: Uint8Array, index: number): Uint8Array {
  const wanted = [op.i32Const, ...signedLeb(originalThreshold)];
  const found: number[] = [];
  for (let at = code.indexOf(op.i32Const); at >= 0; at = code.indexOf(op.i32Const, at + 1)) {
    if (wanted.every((byte, offset) => code[at + offset] === byte)) found.push(at);
  }
  const [at] = found;
  const instruction = [op.globalGet, ...leb(index)];
  if (at === undefined || found.length !== 1 || instruction.length > wanted.length) {
    throw new AppError('internal', `v86.wasm has ${found.length} places of the threshold`);
  }
  const patched = code.slice();
  patched.set([...instruction, ...wanted.slice(instruction.length).map(() => op.nop)], at);
  return patched;
}

/** Imports: module, name, kind and a description each. */
function countImportedGlobals(body: Uint8Array): number {
  let { value: left, next: at } = readLeb(body, 0);
  let globals = 0;
  for (; left > 0; left -= 1) {
    for (let name = 0; name < 2; name += 1) {
      const { value: length, next } = readLeb(body, at);
      at = next + length;
    }
    const kind = body[at] ?? -1;
    at += 1;
    if (kind === globalKind) globals += 1;
    at = afterDescription(body, at, kind);
  }
  return globals;
}

function afterDescription(body: Uint8Array, at: number, kind: number): number {
  const limits = (from: number): number => {
    const { next } = readLeb(body, from + 1);
    return body[from] === 1 ? readLeb(body, next).next : next;
  };
  switch (kind) {
    case functionKind:
      return readLeb(body, at).next;
    case 1:
      return limits(at + 1);
    case 2:
      return limits(at);
    case globalKind:
      return at + 2;
    default:
      throw new AppError('internal', `v86.wasm has an import of kind ${kind}`);
  }
}

function readLeb(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let shift = 0;
  for (let next = at; next < bytes.length; next += 1) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if ((byte & 0x80) === 0) return { value, next: next + 1 };
  }
  throw new AppError('internal', 'v86.wasm ends in a number');
}

function leb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest === 0 ? [low] : [low | 0x80, ...leb(rest)];
}

function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  return rest === 0 && (low & 0x40) === 0 ? [low] : [low | 0x80, ...signedLeb(rest)];
}
