/** Instructions that make no layer (moby/buildkit: dockerfile2llb, dispatchEnv and its like). */
import { AppError } from '../../../base/errors.ts';
import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import { healthCheck } from '../../images/changes/draft.ts';
import { checkSecret } from './checks/secrets.ts';
import { goHealthCheck, goList, goQuotedList } from './go-text.ts';
import type { PlanOptions } from './model.ts';
import { exposedPorts } from './ports.ts';
import type { Scope } from './scope.ts';
import type { StageBuilder } from './stage-builder.ts';

type Of<N extends Instruction['name']> = Extract<Instruction, { readonly name: N }>;
export type Metadata = Exclude<Instruction, Of<'FROM' | 'RUN' | 'ADD' | 'COPY' | 'WORKDIR'>>;

interface Given {
  readonly globals: Scope;
  readonly buildArgs: PlanOptions['buildArgs'];
}

/** @throws AppError invalid in BuildKit's words */
export function applyMetadata(stage: StageBuilder, instruction: Metadata, given: Given): void {
  switch (instruction.name) {
    case 'ARG':
      return argument(stage, instruction, given);
    case 'ENV':
    case 'LABEL':
      return pairs(stage, instruction);
    case 'CMD':
    case 'ENTRYPOINT':
      return command(stage, instruction);
    case 'EXPOSE':
      return expose(stage, instruction);
    case 'VOLUME':
      return volume(stage, instruction);
    case 'HEALTHCHECK': {
      const health = healthCheck(instruction);
      stage.replace('HEALTHCHECK');
      stage.config.set({ Healthcheck: health });
      return stage.commit(`HEALTHCHECK ${goHealthCheck(health)}`);
    }
    case 'ONBUILD':
      return stage.config.addTrigger(instruction.trigger);
    case 'SHELL':
      stage.config.set({ Shell: [...instruction.words] });
      return stage.commit(`SHELL ${goList(instruction.words)}`);
    case 'MAINTAINER':
      stage.author = instruction.value;
      return stage.commit(`MAINTAINER ${instruction.value}`);
    case 'USER': {
      const user = stage.expand(instruction.value);
      stage.config.set({ User: user });
      return stage.commit(`USER ${user}`);
    }
    case 'STOPSIGNAL': {
      const signal = stage.expand(instruction.value);
      parseSignal(signal);
      stage.config.set({ StopSignal: signal });
      return stage.commit(`STOPSIGNAL ${signal}`);
    }
  }
}

/** A value given for the build, the one that stands there, or that of the same name above the first FROM. */
function argument(stage: StageBuilder, { arguments: words }: Of<'ARG'>, { globals, buildArgs }: Given): void {
  const shown = words.map(({ key, value: written }) => {
    checkSecret('ARG', key, stage);
    const value = buildArgs.get(key) ?? (written === null ? globals.get(key) : stage.expand(written));
    if (value !== undefined) stage.scope.set(key, value);
    stage.declared.set(key, value ?? '');
    return value === undefined ? key : `${key}=${value}`;
  });
  stage.commit(`ARG ${shown.join(' ')}`);
}

/** All see the variables as they were before the line. */
function pairs(stage: StageBuilder, { name, pairs: written, legacy }: Of<'ENV' | 'LABEL'>): void {
  const expanded = written.map(({ key, value }) => [stage.expand(key), stage.expand(value)] as const);
  const detail = `"${name} key=value" should be used instead of legacy "${name} key value" format`;
  if (legacy) stage.linter.warn('LegacyKeyValueFormat', stage.lines, detail);
  for (const [key, value] of expanded) {
    if (name === 'LABEL') stage.config.setLabel(key, value);
    else {
      checkSecret('ENV', key, stage);
      stage.scope.set(key, value);
      stage.config.setVariable(key, value);
    }
  }
  stage.commit(`${name} ${expanded.map(([key, value]) => `${key}=${value}`).join(' ')}`);
}

function command(stage: StageBuilder, { name, command: given }: Of<'CMD' | 'ENTRYPOINT'>): void {
  stage.replace(name);
  const detail = `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`;
  if (given.form === 'shell' && stage.config.shell === null) stage.linter.warn('JSONArgsRecommended', stage.lines, detail);
  const words = stage.words(given);
  if (name === 'ENTRYPOINT') stage.config.setEntrypoint(words);
  else {
    stage.config.setCommand(words);
    stage.config.set({ ArgsEscaped: true });
  }
  stage.commit(`${name} ${goQuotedList(words)}`);
}

function expose(stage: StageBuilder, { ports }: Of<'EXPOSE'>): void {
  const { lines, linter } = stage;
  const exposed = ports.flatMap((word) => stage.expandAll(word)).flatMap((port) => exposedPorts(port, { lines, linter }));
  for (const port of exposed) stage.config.expose(port);
  stage.commit(`EXPOSE ${goList(exposed)}`);
}

function volume(stage: StageBuilder, { paths }: Of<'VOLUME'>): void {
  const expanded = paths.map((path) => stage.expand(path));
  if (expanded.includes('')) throw new AppError('invalid', 'VOLUME specified can not be an empty string');
  for (const path of expanded) stage.config.addVolume(path);
  stage.commit(`VOLUME ${goList(expanded)}`);
}
