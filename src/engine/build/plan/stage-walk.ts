/** Stage by stage, instruction by instruction (moby/buildkit: dockerfile2llb, dispatch). */
import { AppError } from '../../../base/errors.ts';
import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { goQuote } from '../../../grammar/go-quote.ts';
import { blankConfig } from '../../images/image-config.ts';
import { joined } from '../../images/changes/draft.ts';
import type { Linter } from './checks/linter.ts';
import { applyCopy } from './copy.ts';
import { applyMetadata } from './metadata.ts';
import type { PlanOptions, Source, StagePlan } from './model.ts';
import { proxyVariables } from './platform-arguments.ts';
import type { ResolvedStages } from './resolve.ts';
import { applyRun } from './run.ts';
import type { Scope } from './scope.ts';
import { StageBuilder, type Inherited } from './stage-builder.ts';
import { at } from './stage-drafts.ts';
import type { StageDraft } from './stage-list.ts';

export interface Walking {
  readonly stages: ResolvedStages;
  readonly target: StageDraft;
  readonly globals: Scope;
  /** Empty. */
  readonly scope: Scope;
  readonly options: PlanOptions;
  readonly linter: Linter;
}

export class StageWalk {
  readonly #built = new Map<StageDraft, { readonly builder: StageBuilder; readonly plan: StagePlan }>();
  readonly #proxy: ReadonlyMap<string, string>;

  constructor(private readonly walking: Walking) {
    this.#proxy = proxyVariables(walking.options.buildArgs);
  }

  get plans(): readonly StagePlan[] {
    return [...this.#built.values()].map(({ plan }) => plan);
  }

  /** Stages come in the order of the file. @throws AppError invalid in BuildKit's words, at their lines */
  plan(stage: StageDraft): void {
    const { stages, target, options, linter } = this.walking;
    const isUncached = isIn(options.uncached, stage.alias);
    const builder = new StageBuilder(this.#inherited(stage), { linter, names: stages.names(stage), stageName: stage.name, isUncached });
    for (const { instruction } of stages.triggers(stage)) this.#apply(builder, stage, instruction, true);
    for (const instruction of stage.instructions) this.#apply(builder, stage, instruction, false);
    if (stage === target) for (const [name, value] of options.labels) builder.config.setLabel(name, value);
    const plan = builder.plan({ name: stage.name, ...this.#origin(stage), needs: this.#needs(stage) });
    this.#built.set(stage, { builder, plan });
  }

  planOf(stage: StageDraft): StagePlan {
    const built = this.#built.get(stage);
    if (built === undefined) throw new AppError('internal', `stage ${stage.name} has no plan`);
    return built.plan;
  }

  #inherited(stage: StageDraft): Inherited {
    const { stages, scope, options } = this.walking;
    const base = stage.base === null ? undefined : this.#built.get(stage.base);
    if (base !== undefined) {
      const { builder, plan } = base;
      return { ...plan, declared: builder.declared, scope: builder.scope.copy(), hasFolder: builder.hasFolder };
    }
    const platform = stage.platform ?? options.targetPlatform;
    const { image = null, source } = stages.start(stage) ?? {};
    const nothing = { declared: new Map<string, string>(), scope: scope.copy(), hasFolder: false };
    const own = { ...nothing, config: { ...blankConfig, WorkingDir: '/' }, history: [], author: '', platform };
    if (image === null) return own;
    const { config, history, author = '' } = image;
    return { ...nothing, config, history, author, platform: source?.kind === 'image' ? source.platform : platform };
  }

  #origin(stage: StageDraft): Pick<StagePlan, 'from' | 'fromName'> {
    const base = stage.base === null ? undefined : this.#built.get(stage.base);
    if (base !== undefined) return { from: { kind: 'stage', stage: base.plan }, fromName: null };
    const { source, name } = this.walking.stages.start(stage) ?? { source: { kind: 'scratch' } as const, name: null };
    return { from: source, fromName: name };
  }

  #needs(stage: StageDraft): readonly StagePlan[] {
    const drafts = new Set([...(stage.base === null ? [] : [stage.base]), ...[...stage.sources.values()].flat()]);
    return [...drafts].flatMap((draft) => (draft === null ? [] : (this.#built.get(draft)?.plan ?? [])));
  }

  #apply(builder: StageBuilder, stage: StageDraft, instruction: Instruction, isTrigger: boolean): void {
    const { lines, original } = instruction.node;
    builder.enter(lines, original, isTrigger);
    at(lines, () => this.#dispatch(builder, instruction, stage.sources.get(instruction) ?? []));
  }

  #dispatch(builder: StageBuilder, instruction: Instruction, sources: readonly (StageDraft | null)[]): void {
    const { globals, options } = this.walking;
    switch (instruction.name) {
      case 'FROM':
        return;
      case 'RUN':
        return applyRun(builder, instruction, { proxy: this.#proxy, sources: sources.map((draft) => this.#source(draft)) });
      case 'COPY':
      case 'ADD': {
        const from = this.#source(sources[0] ?? null);
        if (from !== null) return applyCopy(builder, instruction, { from, isLeftOut: options.isLeftOut ?? (() => false) });
        const names = `${goQuote(instruction.flags.text('from'))}, it needs to be defined before current stage ${goQuote(builder.stageName)}`;
        throw new AppError('invalid', `cannot copy from stage ${names}`);
      }
      case 'WORKDIR':
        return workdir(builder, builder.expand(instruction.value));
      default:
        return applyMetadata(builder, instruction, { globals, buildArgs: options.buildArgs });
    }
  }

  /** null: it is a stage that is further down. */
  #source(draft: StageDraft | null): Source | null {
    if (draft === null) return { kind: 'local' };
    const plan = this.#built.get(draft)?.plan;
    if (plan !== undefined) return { kind: 'stage', stage: plan };
    return draft.isInFile ? null : (this.walking.stages.start(draft)?.source ?? null);
  }
}

function isIn(names: PlanOptions['uncached'], alias: string | null): boolean {
  return names === 'all' || (alias !== null && names.some((name) => name.toLowerCase() === alias));
}

function workdir(stage: StageBuilder, path: string): void {
  if (!stage.hasFolder && !path.startsWith('/')) {
    const detail = `Relative workdir "${path}" can have unexpected results if the base image changes`;
    stage.linter.warn('WorkdirRelativePath', stage.lines, detail);
  }
  stage.hasFolder = true;
  const folder = joined(stage.config.folder, path);
  stage.config.set({ WorkingDir: folder });
  if (folder !== '/') stage.addStep({ kind: 'workdir', path: folder, user: stage.config.user }, stage.shownLine());
  stage.commit(`WORKDIR ${folder}`, folder !== '/');
}
