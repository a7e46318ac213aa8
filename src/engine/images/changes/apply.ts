import { AppError } from '../../../base/errors.ts';
import type { Steps } from '../../../base/steps.ts';
import { expandWord, expandWords } from '../../../grammar/dockerfile/expand.ts';
import type { Command, Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import { healthCheck, joined, shellWords, type ConfigDraft } from './draft.ts';

type Of<N extends Instruction['name']> = Extract<Instruction, { readonly name: N }>;
type Metadata = Exclude<Instruction, Of<'FROM' | 'ARG' | 'RUN' | 'ADD' | 'COPY' | 'SHELL' | 'MAINTAINER'>>;

const names = ['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'LABEL', 'ONBUILD', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'];

/** Whether an instruction only writes into the configuration (moby: builder/dockerfile, validCommitCommands). */
export function isMetadata(name: string): boolean {
  return names.includes(name);
}

/** Applies instructions to a draft, one after the other. */
export class InstructionReader {
  constructor(
    private readonly draft: ConfigDraft,
    private readonly options: { readonly escape: string; readonly steps: Steps },
  ) {}

  /** @throws AppError invalid in Docker's words */
  apply(instruction: Instruction): void {
    if (!isApplied(instruction)) throw new AppError('invalid', `${instruction.node.keyword} is not a valid change command`);
    this.#apply(instruction);
  }

  #apply(instruction: Metadata): void {
    const { draft } = this;
    switch (instruction.name) {
      case 'CMD':
        return draft.setCommand(this.#words(instruction.command));
      case 'ENTRYPOINT':
        return draft.setEntrypoint(this.#words(instruction.command));
      case 'ENV':
        for (const [name, value] of this.#pairs(instruction)) draft.setVariable(name, value);
        return;
      case 'LABEL':
        for (const [name, value] of this.#pairs(instruction)) draft.setLabel(name, value);
        return;
      case 'EXPOSE':
        for (const port of instruction.ports.flatMap((word) => this.#expandAll(word)).flatMap(exposed)) draft.expose(port);
        return;
      case 'VOLUME':
        for (const path of instruction.paths) draft.addVolume(this.#volume(path));
        return;
      case 'USER':
        return draft.set({ User: this.#expand(instruction.value) });
      case 'WORKDIR':
        return draft.set({ WorkingDir: joined(draft.folder, this.#expand(instruction.value)) });
      case 'STOPSIGNAL':
        return draft.set({ StopSignal: this.#stopSignal(instruction.value) });
      case 'ONBUILD':
        return draft.addTrigger(instruction.trigger);
      case 'HEALTHCHECK':
        return draft.set({ Healthcheck: healthCheck(instruction) });
    }
  }

  readonly #variables = (name: string): string | undefined => this.draft.variable(name);

  #expand(word: string): string {
    return expandWord(word, this.#variables, this.options);
  }

  #expandAll(word: string): readonly string[] {
    return expandWords(word, this.#variables, this.options);
  }

  #words(command: Command): readonly string[] {
    if (command.form === 'exec') return command.words;
    const words = shellWords(this.draft.shell, command.line);
    return command.line === '' ? words.slice(0, -1) : words;
  }

  /** All see the variables as they were before the line. */
  #pairs({ name, pairs }: Of<'ENV' | 'LABEL'>): (readonly [string, string])[] {
    return pairs.map(({ key, value }) => {
      const expanded = this.#expand(key);
      if (expanded === '') throw new AppError('invalid', `${name} names can not be blank`);
      return [expanded, this.#expand(value)];
    });
  }

  #volume(path: string): string {
    const expanded = this.#expand(path);
    if (expanded === '') throw new AppError('invalid', 'VOLUME specified can not be an empty string');
    return expanded;
  }

  #stopSignal(value: string): string {
    const signal = this.#expand(value);
    parseSignal(signal);
    return signal;
  }
}

function isApplied(instruction: Instruction): instruction is Metadata {
  return isMetadata(instruction.name);
}

/** "80", "80-82/udp". */
function exposed(text: string): readonly string[] {
  const [, from = '', to = from, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || last < first || last > 65535) throw new AppError('invalid', `Invalid containerPort: ${text}`);
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw new AppError('invalid', `Invalid proto: ${protocol}`);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol.toLowerCase()}`);
}
