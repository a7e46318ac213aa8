import type { Command } from '../../../grammar/dockerfile/instruction.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import { defaultPath } from '../../containers/spec/environment.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { ConfigDraft, joined, shellWords } from '../../images/changes/draft.ts';
import type { Platform } from '../../registry/oci.ts';
import type { Linter } from './checks/linter.ts';
import { meant } from './checks/suggest.ts';
import type { CopyStep, History, RunStep, StagePlan, Step, WorkdirStep } from './model.ts';
import type { Scope } from './scope.ts';
import { withCapitals, type StepNames } from './step-names.ts';

/** What a stage takes over, from an image, from another stage or from nothing. */
export interface Inherited {
  readonly config: ContainerConfig;
  readonly history: readonly History[];
  readonly author: string;
  readonly platform: Platform;
  /** Arguments of the stage that it is made from, with the values they were given. */
  readonly declared: ReadonlyMap<string, string>;
  /** Its own from now on. */
  readonly scope: Scope;
  /** WORKDIR stood in a stage that it is made from. */
  readonly hasFolder: boolean;
}

export interface Building {
  readonly linter: Linter;
  readonly names: StepNames;
  /** As refusals call the stage. */
  readonly stageName: string;
  /** Nothing of it is taken from the cache. */
  readonly isUncached: boolean;
}

/** What BuildKit writes beside each line of a history that it adds. */
const historyComment = 'buildkit.dockerfile.v0';

/** A stage while its instructions are applied, one after the other (moby/buildkit: dockerfile2llb, dispatchState). */
export class StageBuilder {
  readonly config: ConfigDraft;
  readonly scope: Scope;
  readonly declared: Map<string, string>;
  readonly platform: Platform;
  readonly linter: Linter;
  readonly stageName: string;
  author: string;
  hasFolder: boolean;
  /** Of the instruction that is being applied. */
  #place: { readonly lines: LineRange; readonly original: string; readonly isTrigger: boolean } = {
    lines: { start: 1, end: 1 },
    original: '',
    isTrigger: false,
  };
  readonly #history: History[];
  readonly #steps: Step[] = [];
  /** Where CMD, ENTRYPOINT and HEALTHCHECK stood last. */
  readonly #last = new Map<string, LineRange>();

  constructor(
    { config, history, author, platform, declared, scope, hasFolder }: Inherited,
    private readonly building: Building,
  ) {
    this.config = new ConfigDraft(completed(config));
    this.scope = scope;
    for (const variable of this.config.environment) this.scope.set(...splitVariable(variable));
    this.declared = new Map(declared);
    this.platform = platform;
    this.author = author;
    this.hasFolder = hasFolder;
    this.linter = building.linter;
    this.stageName = building.stageName;
    this.#history = [...history];
  }

  enter(lines: LineRange, original: string, isTrigger: boolean): void {
    this.#place = { lines, original: original.trim(), isTrigger };
  }

  get lines(): LineRange {
    return this.#place.lines;
  }

  /** The working directory; there is always one. */
  get folder(): string {
    return this.config.folder === '' ? '/' : this.config.folder;
  }

  /** @throws AppError invalid in BuildKit's words */
  expand(word: string): string {
    return this.#checked((unmatched) => this.scope.expand(word, unmatched));
  }

  /** What is not set is nothing here, and no check says so. */
  expandAll(word: string): readonly string[] {
    return this.scope.expandAll(word);
  }

  expandContent(text: string): string {
    return this.#checked((unmatched) => this.scope.expandContent(text, unmatched));
  }

  /** A line for a shell with that shell in front. */
  words(command: Command): readonly string[] {
    return command.form === 'exec' ? command.words : shellWords(this.config.shell, command.line);
  }

  /** @param text as `docker history` shows it */
  commit(text: string, makesLayer = false): void {
    this.#history.push({ created_by: text, comment: historyComment, ...(makesLayer ? {} : { empty_layer: true }) });
  }

  /** The instruction as it stands in the file, and behind it what is no part of its line. */
  shownLine(
    behind = '',
    { keepsQuotes = false, hidden = [] }: { readonly keepsQuotes?: boolean; readonly hidden?: readonly string[] } = {},
  ): string {
    return withCapitals(this.scope.shown(`${this.#place.original}${behind}`, keepsQuotes, hidden));
  }

  addStep(step: RunStep | CopyStep | WorkdirStep, shown: string): void {
    const { lines, isTrigger } = this.#place;
    // A folder that is there already changes nothing, however it came to be.
    const isCached = step.kind === 'workdir' || !this.building.isUncached;
    this.#steps.push({ ...step, name: this.building.names.next(shown, isTrigger), lines, isCached });
  }

  /** Of what only the last one counts: MultipleInstructionsDisallowed. */
  replace(name: 'CMD' | 'ENTRYPOINT' | 'HEALTHCHECK'): void {
    const before = this.#last.get(name);
    const why = `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`;
    if (before !== undefined) this.linter.warn('MultipleInstructionsDisallowed', before, why);
    this.#last.set(name, this.lines);
  }

  plan({ name, from, fromName, needs }: Pick<StagePlan, 'name' | 'from' | 'fromName' | 'needs'>): StagePlan {
    const { config, platform, author } = this;
    return { name, from, fromName, steps: this.#steps, needs, platform, config: config.config(), history: this.#history, author };
  }

  #checked<T>(expand: (unmatched: Set<string>) => T): T {
    const unmatched = new Set<string>();
    try {
      return expand(unmatched);
    } finally {
      for (const name of unmatched) {
        if (this.declared.has(name)) continue;
        const detail = `Usage of undefined variable '$${name}'${meant(name, this.scope.names, '$')}`;
        this.linter.warn('UndefinedVar', this.lines, detail);
      }
    }
  }
}

/** There is always a PATH; triggers are used up, and the folder is clean. */
function completed(config: ContainerConfig): ContainerConfig {
  const env = config.Env ?? [];
  const hasPath = env.some((variable) => splitVariable(variable)[0] === 'PATH');
  return {
    ...config,
    Env: hasPath ? env : [...env, defaultPath],
    OnBuild: null,
    WorkingDir: config.WorkingDir === '' ? '' : joined(config.WorkingDir, config.WorkingDir),
  };
}

function splitVariable(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
