import { bpf, type Instruction } from './instruction.ts';

/** System calls from `first` up to the next interval's, and what becomes of them: code that ends in a return. */
export interface Interval {
  readonly first: number;
  readonly code: readonly Instruction[];
}

/** A jump's reach, by its u8. */
const reach = 255;
/** The numbers that 6.1 has on i386 (NR_syscalls); no call is worth more than another, whatever lies beyond them nothing. */
const numbers = 451;

type Tree =
  | { readonly code: readonly Instruction[] }
  | { readonly jump: typeof bpf.jumpEqual | typeof bpf.jumpGreaterEqual; readonly k: number; readonly yes: Tree; readonly no: Tree };

/**
 * Finds the interval of the number that is loaded. At the start of every container the kernel goes through the filter once for each
 * of its calls, to learn which are always allowed (kernel/seccomp.c, seccomp_cache_prepare_bitmap), checks each instruction and
 * translates it: so wide intervals stand near the root, and equal code is there once.
 */
export function searchCode(intervals: readonly Interval[]): Instruction[] {
  const backwards: Instruction[] = [];
  const shared = new Map<string, number>();
  emit(plan(intervals, numbers), backwards, shared);
  return backwards.reverse();
}

function plan(intervals: readonly Interval[], end: number): Tree {
  const [first, second] = intervals;
  if (first === undefined || second === undefined) return { code: first?.code ?? [] };
  const singled = exceptions(intervals);
  if (singled !== null) {
    return singled.reduce<Tree>((no, { first: k, code }) => ({ jump: bpf.jumpEqual, k, yes: { code }, no }), { code: first.code });
  }
  const middle = balance(intervals, end);
  const k = intervals[middle]?.first ?? 0;
  return { jump: bpf.jumpGreaterEqual, k, yes: plan(intervals.slice(middle), end), no: plan(intervals.slice(0, middle), k) };
}

/** One or two calls that differ from all around them are quicker told by themselves. */
function exceptions(intervals: readonly Interval[]): readonly Interval[] | null {
  if (intervals.length !== 3 && intervals.length !== 5) return null;
  const around = keyOf(intervals[0]?.code ?? []);
  const odd = intervals.filter((_, index) => index % 2 === 1);
  const alike = intervals.every(({ code }, index) => index % 2 === 1 || keyOf(code) === around);
  const single = odd.every(({ first }, index) => intervals[2 * index + 2]?.first === first + 1);
  return alike && single ? odd : null;
}

/** Where to cut so that both sides hold as many calls as can be; the last interval goes up to `end`. */
function balance(intervals: readonly Interval[], end: number): number {
  const firsts = intervals.map(({ first }) => first);
  const larger = (first: number): number => Math.max(first - (firsts[0] ?? 0), end - first);
  let best = 1;
  for (const [index, first] of firsts.entries()) if (index > 1 && larger(first) < larger(firsts[best] ?? 0)) best = index;
  return best;
}

const keyOf = (code: readonly Instruction[]): string => code.join(';');

/** Puts a tree before what is there already, for jumps only go forward. Gives its entry, counted from the end. */
function emit(tree: Tree, backwards: Instruction[], shared: Map<string, number>): number {
  if ('code' in tree) {
    const key = keyOf(tree.code);
    const known = shared.get(key);
    // A longer way would need a jump of its own, and be no shorter than one more return.
    if (known !== undefined && (tree.code.length > 1 || backwards.length - known <= reach - 2)) return known;
    for (const instruction of [...tree.code].reverse()) backwards.push(instruction);
    shared.set(key, backwards.length);
    return backwards.length;
  }
  const yes = emit(tree.yes, backwards, shared);
  const no = emit(tree.no, backwards, shared);
  const [far, near] = [reached(yes, backwards), reached(no, backwards)];
  backwards.push([tree.jump, backwards.length - far, backwards.length - near, tree.k]);
  return backwards.length;
}

/** An entry that a jump reaches, even if one more instruction comes between. */
function reached(entry: number, backwards: Instruction[]): number {
  const distance = backwards.length - entry;
  if (distance < reach) return entry;
  backwards.push([bpf.jumpAlways, 0, 0, distance]);
  return backwards.length;
}
