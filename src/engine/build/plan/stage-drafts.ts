import { AppError, toAppError } from '../../../base/errors.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import { refusedAt } from '../../../grammar/dockerfile/parse-error.ts';
import type { Dockerfile, Stage } from '../../../grammar/dockerfile/stages.ts';
import { parsePlatform } from '../../images/platform.ts';
import type { Platform } from '../../registry/oci.ts';
import { contextOf } from './contexts.ts';
import { checkDefaultArguments, checkPlatformFlag, reportUndeclared } from './checks/from.ts';
import type { Linter } from './checks/linter.ts';
import type { PlanOptions } from './model.ts';
import { platformArguments } from './platform-arguments.ts';
import type { Scope } from './scope.ts';
import { sourcesOf } from './sources.ts';
import { checkCircles, StageList, type StageDraft } from './stage-list.ts';

interface Reading {
  readonly options: PlanOptions;
  readonly linter: Linter;
  /** Empty. */
  readonly scope: Scope;
}

export interface Drafts {
  readonly stages: StageList;
  /** ARG before the first FROM, and those of the platform. */
  readonly globals: Scope;
  readonly target: StageDraft;
}

/** The stages with what they are made from: nothing of it is looked up yet. @throws AppError invalid in BuildKit's words */
export function draftStages(file: Dockerfile, { options, linter, scope }: Reading): Drafts {
  const globals = scope.copy();
  for (const [name, value] of platformArguments(options)) globals.set(name, value);
  checkDefaultArguments(file, globals, linter);
  readGlobals(file, globals, options.buildArgs);
  const declared = [...globals.names, ...file.globals.flatMap((each) => each.arguments.map(({ key }) => key))];
  const stages = new StageList();
  for (const [index, stage] of file.stages.entries()) stages.add(draft(stage, { index, stages, globals, declared, options, linter }));
  const target = stages.target(options.target);
  for (const stage of stages.inFile)
    for (const instruction of stage.instructions) stage.sources.set(instruction, sourcesOf(instruction, stages));
  checkCircles(stages.all);
  return { stages, globals, target };
}

/** Each sees those above it. */
export function readGlobals({ globals: given }: Dockerfile, globals: Scope, buildArgs: ReadonlyMap<string, string>): void {
  for (const { arguments: words, node } of given)
    for (const { key, value } of words) {
      const found = buildArgs.get(key) ?? (value === null ? null : at(node.lines, () => globals.expand(value)));
      if (found !== null) globals.set(key, found);
    }
}

interface Drafting {
  readonly index: number;
  readonly stages: StageList;
  readonly globals: Scope;
  readonly declared: readonly string[];
  readonly options: PlanOptions;
  readonly linter: Linter;
}

function draft({ from, instructions }: Stage, reading: Drafting): StageDraft {
  const { index, stages, globals, declared, options, linter } = reading;
  const { lines } = from.node;
  const unmatched = new Set<string>();
  const baseName = at(lines, () => {
    const name = globals.expand(from.image, unmatched);
    reportUndeclared(unmatched, { lines, declared, linter });
    return name;
  });
  if (baseName === '') throw refusedAt(lines, `base name (${from.image}) should not be blank`);
  const platform = from.platform === '' ? null : platformOf(from, reading);
  const context = from.as === null ? null : contextOf(from.as, platform ?? options.targetPlatform, options);
  return {
    index,
    name: from.as ?? `stage-${index}`,
    alias: from.as,
    baseName,
    base: context === null ? stages.exactlyNamed(baseName) : null,
    context,
    platform,
    lines,
    instructions: context === null ? instructions : [],
    sources: new Map(),
    isInFile: true,
  };
}

function platformOf({ platform, node: { lines } }: Stage['from'], { globals, declared, options, linter }: Drafting): Platform {
  const unmatched = new Set<string>();
  const value = at(lines, () => globals.expand(platform, unmatched));
  reportUndeclared(unmatched, { lines, declared, linter });
  checkPlatformFlag(platform, { lines, linter });
  if (value === '') throw refusedAt(lines, `empty platform value from expression ${platform}`);
  try {
    return parsePlatform(value, options.targetPlatform);
  } catch (thrown) {
    throw refusedAt(lines, `failed to parse platform ${platform}: ${toAppError(thrown).message}`);
  }
}

/** What is refused is refused at these lines. */
export function at<T>(lines: LineRange, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'invalid' && thrown.detail.line === undefined) throw refusedAt(lines, thrown.message);
    throw thrown;
  }
}
