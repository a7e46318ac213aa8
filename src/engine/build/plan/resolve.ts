/** What stages begin with: images are looked up here, and the triggers that they bring are put in front (moby/buildkit: dockerfile2llb, resolveStages). */
import { AppError, toAppError } from '../../../base/errors.ts';
import { fullString, parseReference, withDefaultTag } from '../../../grammar/reference.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import type { Platform } from '../../registry/oci.ts';
import type { Linter } from './checks/linter.ts';
import { platformText } from '../../images/platform.ts';
import { contextOf, type NamedContext } from './contexts.ts';
import type { BaseImage, PlanOptions, ResolveBase, Source } from './model.ts';
import { neededFor, type StageDraft, type StageList } from './stage-list.ts';
import { StepNames } from './step-names.ts';
import { readTriggers, type Trigger } from './triggers.ts';

/** Where a stage begins that is not made from another one. */
export interface Start {
  readonly source: Source;
  /** null: there is no configuration to begin with */
  readonly image: BaseImage | null;
  readonly name: string | null;
}

export interface Resolving {
  readonly options: PlanOptions;
  readonly linter: Linter;
  readonly resolveBase: ResolveBase;
  /** A single stage has no name. */
  readonly isSingle: boolean;
}

export class ResolvedStages {
  readonly #starts = new Map<StageDraft, Start>();
  readonly #names = new Map<StageDraft, StepNames>();
  readonly #triggers = new Map<StageDraft, readonly Trigger[]>();

  constructor(
    private readonly stages: StageList,
    private readonly context: Resolving,
  ) {}

  /** undefined: it is made from another stage, or is not needed */
  start(stage: StageDraft): Start | undefined {
    return this.#starts.get(stage);
  }

  names(stage: StageDraft): StepNames {
    const known = this.#names.get(stage);
    if (known !== undefined) return known;
    const names = new StepNames(this.context.isSingle ? '' : stage.name, stepsOf(stage));
    this.#names.set(stage, names);
    return names;
  }

  triggers(stage: StageDraft): readonly Trigger[] {
    return this.#triggers.get(stage) ?? [];
  }

  /** Until no trigger names a stage or an image that is not known yet. @throws AppError in BuildKit's words */
  async resolve(roots: readonly StageDraft[]): Promise<readonly StageDraft[]> {
    for (;;) {
      const needed = neededFor(roots);
      const isNeeded = new Set(needed);
      const looked = this.stages.all.filter(({ base }) => base === null).map((stage) => this.#look(stage, isNeeded.has(stage)));
      await Promise.all(looked);
      const found = needed.filter((stage) => stage.isInFile && !this.#triggers.has(stage)).map((stage) => this.#addTriggers(stage));
      if (!found.includes(true)) return needed;
    }
  }

  async #look(stage: StageDraft, isNeeded: boolean): Promise<void> {
    if (this.#starts.has(stage)) return;
    try {
      const start = await this.#begin(stage, isNeeded);
      if (start !== null) this.#starts.set(stage, start);
    } catch (thrown) {
      throw stage.lines === null ? thrown : placed(stage.lines, thrown);
    }
  }

  async #begin(stage: StageDraft, isNeeded: boolean): Promise<Start | null> {
    const { options } = this.context;
    const platform = stage.platform ?? options.targetPlatform;
    if (stage.context !== null) return isNeeded ? this.#fromContext(stage.context, stage) : null;
    if (stage.baseName === 'scratch') return { source: { kind: 'scratch' }, image: null, name: null };
    const reference = referenceOf(stage.baseName);
    if (!isNeeded) return null;
    const context = contextOf(reference, platform, options);
    if (context !== null) return this.#fromContext(context, stage);
    const image = await this.#image(reference, platform, stage.baseName);
    if (stage.lines !== null) this.#checkPlatform(stage.baseName, platform, image.platform, stage.lines);
    return { source: { kind: 'image', reference, platform }, image, name: this.names(stage).next(`FROM ${reference}`) };
  }

  async #fromContext({ source, shown }: NamedContext, { baseName, alias }: StageDraft): Promise<Start> {
    const image = source.kind === 'image' ? await this.#image(source.reference, source.platform, alias ?? baseName) : null;
    return { source, image, name: shown };
  }

  async #image(reference: string, platform: Platform, named: string): Promise<BaseImage> {
    try {
      return await this.context.resolveBase(reference, platform);
    } catch (thrown) {
      const { kind, message, detail } = toAppError(thrown);
      throw kind === 'cancelled' ? thrown : new AppError(kind, `${named}: ${message}`, { cause: thrown, detail });
    }
  }

  #checkPlatform(name: string, expected: Platform, actual: Platform, lines: LineRange): void {
    if (expected.os === actual.os && expected.architecture === actual.architecture) return;
    const pulled = `Base image ${name} was pulled with platform "${platformText(actual)}"`;
    this.context.linter.warn('InvalidBaseImagePlatform', lines, `${pulled}, expected "${platformText(expected)}" for current build`);
  }

  /** @returns whether they read from somewhere */
  #addTriggers(stage: StageDraft): boolean {
    const written = stage.base === null ? (this.#starts.get(stage)?.image?.config.OnBuild ?? []) : onBuildOf(stage.base);
    const lines = stage.lines ?? { start: 1, end: 1 };
    const triggers = written.length === 0 ? [] : readTriggers(written, { lines, stages: this.stages });
    for (const { instruction, sources } of triggers) stage.sources.set(instruction, sources);
    this.#triggers.set(stage, triggers);
    this.names(stage).add(triggers.length);
    return triggers.some(({ sources }) => sources.length > 0);
  }
}

function onBuildOf({ instructions }: StageDraft): readonly string[] {
  return instructions.flatMap((each) => (each.name === 'ONBUILD' ? [each.trigger] : []));
}

const making = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

/** What counts: an image that it begins with, and what may make a layer. */
function stepsOf({ baseName, base, context, isInFile, instructions }: StageDraft): number {
  if (!isInFile || context !== null) return 0;
  const start = base === null && baseName !== 'scratch' ? 1 : 0;
  return start + instructions.filter(({ name }) => making.includes(name)).length;
}

/** With domain and tag. */
function referenceOf(name: string): string {
  try {
    return fullString(withDefaultTag(parseReference(name)));
  } catch (thrown) {
    throw new AppError('invalid', `failed to parse stage name "${name}": ${toAppError(thrown).message}`, { cause: thrown });
  }
}

function placed(lines: LineRange, thrown: unknown): AppError {
  const { kind, message, detail } = toAppError(thrown);
  return new AppError(kind, message, { cause: thrown, detail: { line: lines.start, endLine: lines.end, ...detail } });
}
