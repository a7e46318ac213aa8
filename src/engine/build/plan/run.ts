/** RUN (moby/buildkit: dockerfile2llb, dispatchRun). */
import { AppError } from '../../../base/errors.ts';
import { heredocOf, heredocText, type Heredoc } from '../../../grammar/dockerfile/heredoc.ts';
import type { Command, Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { goList } from './go-text.ts';
import type { InlineFile, RunStep, Source } from './model.ts';
import { planMount } from './mounts.ts';
import type { StageBuilder } from './stage-builder.ts';

type Run = Extract<Instruction, { readonly name: 'RUN' }>;

interface Given {
  readonly proxy: ReadonlyMap<string, string>;
  /** Of each mount; null: a stage that is not there yet. */
  readonly sources: readonly (Source | null)[];
}

/** Where a heredoc that is a program stands in the container. */
const programFolder = '/dev/pipes/';

/** @throws AppError invalid in BuildKit's words */
export function applyRun(stage: StageBuilder, instruction: Run, { proxy, sources }: Given): void {
  const { command, program, summary } = withHeredocs(instruction);
  const words = stage.words(command);
  const written = instruction.flags.texts('mount');
  const expand = (word: string): string => stage.expand(word);
  const mounts = written.flatMap((text, index) => planMount(text, { expand, folder: stage.folder, from: sources[index] ?? null }) ?? []);
  const step: RunStep = {
    kind: 'run',
    arguments: words,
    environment: stage.scope.list,
    proxy,
    user: stage.config.user,
    folder: stage.folder,
    mounts,
    network: networkOf(instruction.flags.text('network')),
    program,
  };
  const hidden = mounts.flatMap((mount) => (mount.type === 'secret' && mount.variable !== null ? [mount.variable] : []));
  stage.addStep(step, stage.shownLine(summary, { keepsQuotes: true, hidden }));
  stage.commit(`RUN ${[...declaredArguments(stage), ...words].join(' ')} # buildkit`, true);
}

function networkOf(text: string): RunStep['network'] {
  return text === 'none' || text === 'host' ? text : 'default';
}

interface WithHeredocs {
  readonly command: Command;
  readonly program: InlineFile | null;
  /** What is said behind the line. */
  readonly summary: string;
}

/** A line that is one heredoc is what is in it, as a program or for the shell; others are the shell's to read. */
function withHeredocs({ command, node: { heredocs } }: Run): WithHeredocs {
  const [first] = heredocs;
  if (first === undefined) return { command, program: null, summary: '' };
  if (command.form === 'exec') throw new AppError('invalid', `parsing produced an invalid run command: ${goList(command.words)}`);
  if (heredocOf(command.line, '\\') === null) {
    const all = heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { command: { form: 'shell', line: command.line + all.join('') }, program: null, summary: '' };
  }
  const text = heredocText(first);
  const summary = ` (${summaryOf(first)})`;
  if (!text.startsWith('#!')) return { command: { form: 'shell', line: text }, program: null, summary };
  const program = { path: `${programFolder}${first.name}`, content: text };
  return { command: { form: 'shell', line: program.path }, program, summary };
}

function summaryOf({ content }: Heredoc): string {
  const [first = '', ...others] = content.trim().replaceAll('\r\n', '\n').split('\n');
  return others.length > 0 ? `${first}...` : first;
}

/** "|1 A=1": what the step was made with, for the history. */
function declaredArguments({ declared, scope }: StageBuilder): readonly string[] {
  const shown = [...declared].map(([name, value]) => `${name}=${scope.get(name) ?? value}`);
  return shown.length === 0 ? [] : [`|${shown.length}`, ...shown];
}
