import { AppError } from '../../../base/errors.ts';
import { goQuote } from '../../../grammar/go-quote.ts';
import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { refusedAt, type LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import type { Platform } from '../../registry/oci.ts';
import type { NamedContext } from './contexts.ts';

/** A stage of which it is known what it is made from, and nothing yet of what it is. */
export interface StageDraft {
  /** In the file; an image or a context that an instruction reads is behind them all. */
  readonly index: number;
  /** "one", "stage-1" */
  readonly name: string;
  readonly alias: string | null;
  readonly baseName: string;
  /** The stage that it is made from; null: an image, a context or nothing. */
  readonly base: StageDraft | null;
  /** What a named context of its name puts in its place. */
  readonly context: NamedContext | null;
  readonly platform: Platform | null;
  readonly lines: LineRange | null;
  readonly instructions: readonly Instruction[];
  /** Of `COPY --from` and of each mount; null: the build's context, or nothing. */
  readonly sources: Map<Instruction, readonly (StageDraft | null)[]>;
  /** It stands in the file; what does not is an image that an instruction names. */
  readonly isInFile: boolean;
}

/** The stages of a file, as others name them (moby/buildkit: dockerfile2llb, dispatchStates). */
export class StageList {
  readonly #stages: StageDraft[] = [];
  readonly #byName = new Map<string, StageDraft>();
  readonly #inFile: StageDraft[] = [];

  add(stage: StageDraft): void {
    this.#stages.push(stage);
    if (!stage.isInFile) return;
    this.#inFile.push(stage);
    if (stage.alias !== null) this.#byName.set(stage.alias.toLowerCase(), stage);
  }

  get all(): readonly StageDraft[] {
    return this.#stages;
  }

  get inFile(): readonly StageDraft[] {
    return this.#inFile;
  }

  /** @param name in any case. null: none has it */
  named(name: string): StageDraft | null {
    return this.#byName.get(name.toLowerCase()) ?? null;
  }

  /** As FROM names one: a stage's name is in small letters. */
  exactlyNamed(name: string): StageDraft | null {
    return this.#byName.get(name) ?? null;
  }

  /** @param name '' is the last one @throws AppError invalid */
  target(name: string): StageDraft {
    const found = name === '' ? this.#inFile.at(-1) : this.named(name);
    if (found === undefined || found === null) throw new AppError('invalid', `target stage ${goQuote(name)} could not be found`);
    return found;
  }

  /** What COPY or a mount names: a stage, its number, or an image. */
  source(from: string, lines: LineRange | null, byNumber: boolean): StageDraft {
    const isNumber = byNumber && /^[+-]?\d+$/.test(from);
    const found = isNumber ? this.#inFile[Number(from)] : this.named(from);
    if (found !== undefined && found !== null) return found;
    if (isNumber) throw new AppError('invalid', `invalid stage index ${Number(from)}`);
    const image: StageDraft = {
      index: this.#stages.length,
      name: '',
      alias: null,
      baseName: from,
      base: null,
      context: null,
      platform: null,
      lines,
      instructions: [],
      sources: new Map(),
      isInFile: false,
    };
    this.add(image);
    return image;
  }
}

/** Those that a stage needs, and the instructions that say so. */
export function needsOf(stage: StageDraft): readonly (readonly [StageDraft, LineRange])[] {
  const needs: (readonly [StageDraft, LineRange])[] = [];
  for (const [{ node }, sources] of stage.sources) for (const source of sources) if (source !== null) needs.push([source, node.lines]);
  return needs;
}

/** @throws AppError invalid where stages need each other; also of those that nobody needs */
export function checkCircles(stages: readonly StageDraft[]): void {
  const done = new Set<StageDraft>();
  for (const stage of stages) if (!done.has(stage)) follow(stage, done);
}

/** Deep, with a list of its own: a file may have more stages than calls may be nested. */
function follow(first: StageDraft, done: Set<StageDraft>): void {
  const path = new Set([first]);
  const open = [{ stage: first, left: edges(first) }];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.left.pop();
    if (next === undefined) {
      done.add(last.stage);
      path.delete(last.stage);
      open.pop();
      continue;
    }
    const [stage, lines] = next;
    if (path.has(stage)) throw refusedAt(lines, `circular dependency detected on stage: ${stage.name}`);
    if (done.has(stage)) continue;
    path.add(stage);
    open.push({ stage, left: edges(stage) });
  }
}

function edges(stage: StageDraft): (readonly [StageDraft, LineRange])[] {
  const { base, lines } = stage;
  const needs = [...needsOf(stage)].reverse();
  return base === null ? needs : [...needs, [base, lines ?? { start: 1, end: 1 }]];
}

/** Stages and all that they need, in the order of the file. */
export function neededFor(roots: readonly StageDraft[]): readonly StageDraft[] {
  const found = new Set<StageDraft>();
  const open = [...roots];
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    if (found.has(stage)) continue;
    found.add(stage);
    if (stage.base !== null) open.push(stage.base);
    open.push(...needsOf(stage).map(([needed]) => needed));
  }
  return [...found].sort((one, other) => one.index - other.index);
}
